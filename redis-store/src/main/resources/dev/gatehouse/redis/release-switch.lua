-- KEYS: as for engage
-- ARGV: the channel, the switch
-- answers whether it was engaged
local earlier = redis.call('HGET', KEYS[3], ARGV[2])
if not earlier then
  return 0
end
redis.call('HDEL', KEYS[3], ARGV[2])
announce(KEYS[1], KEYS[2], ARGV[1], 'about', 'switch', 'on', '0', 'switch', ARGV[2], 'says', earlier)
return 1
