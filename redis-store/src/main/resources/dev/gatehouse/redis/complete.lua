-- KEYS: as for a claim
-- ARGV: the delivery's name, fence, retention (ms), answer
-- answers 1 if the claim was held, else 0
local at = now()
local retention = tonumber(ARGV[3])
local entry = redis.call('GET', KEYS[1])
if not entry then
  return 0
end
local state, fence, ends, fingerprint = struct.unpack(LAYOUT, entry)
if state ~= HELD or digits(fence) ~= ARGV[2] or ends <= at then
  return 0
end
redis.call('SET', KEYS[1], struct.pack(LAYOUT, DONE, fence, at + retention, fingerprint) .. ARGV[4],
  'PX', digits(retention))
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], digits(at + retention), ARGV[1])
redis.call('PEXPIRE', KEYS[4], digits(retention))
return 1
