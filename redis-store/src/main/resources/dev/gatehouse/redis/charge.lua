-- Takes ARGV[3] parts, or none. Answers whether, the parts that are left, and for how many
-- milliseconds there are too few.
local asked = tonumber(ARGV[3])
if asked > level then
  return {0, level, math.ceil((asked - level) / refill) + since - time}
end
if asked > 0 then
  keep(level - asked)
end
return {1, level - asked, 0}
