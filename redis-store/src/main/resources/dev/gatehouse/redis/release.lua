-- KEYS: as for a claim
-- ARGV: the delivery's name, fence
-- answers 1 if the claim was held, else 0
local entry = redis.call('GET', KEYS[1])
if not entry then
  return 0
end
local state, fence, ends = struct.unpack(LAYOUT, entry)
if state ~= HELD or digits(fence) ~= ARGV[2] or ends <= now() then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
