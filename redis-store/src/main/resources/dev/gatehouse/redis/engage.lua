-- KEYS: the number of the latest announcement, the log, the switches that are engaged
-- ARGV: the channel, the switch, its time and reason, the most that may be engaged
-- answers the time and reason of the switch, an earlier one's if it was engaged
local earlier = redis.call('HGET', KEYS[3], ARGV[2])
if earlier then
  return earlier
end
if redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[4]) then
  return redis.error_reply('FULL too many kill switches are engaged')
end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
announce(KEYS[1], KEYS[2], ARGV[1], 'about', 'switch', 'on', '1', 'switch', ARGV[2], 'says', ARGV[3])
return ARGV[3]
