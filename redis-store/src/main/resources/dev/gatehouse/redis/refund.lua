-- Gives ARGV[3] parts back; what does not fit is lost.
level = math.min(capacity, level + tonumber(ARGV[3]))
if level == capacity then
  redis.call('DEL', KEYS[1])
else
  keep(level)
end
return 1
