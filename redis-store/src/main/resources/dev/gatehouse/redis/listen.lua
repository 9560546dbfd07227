-- KEYS: the number of the latest announcement, the log
-- ARGV: the number up to which the caller knows, how many to read
-- answers {latest number, announcements, epoch}
local latest = tonumber(redis.call('HGET', KEYS[1], 'latest') or 0)
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
if latest <= tonumber(ARGV[1]) then
  return {latest, {}, epoch}
end
local from = string.format('%.0f-0', ARGV[1] + 1)
return {latest, redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', ARGV[2]), epoch}
