-- KEYS: the number of the latest announcement, the log
-- ARGV: the number up to which the caller knows, how many to read
-- answers {latest number, announcements, epoch, run of the number that the caller knows, run of the
--          latest, whether the server is a replica that takes no writes}; a run is the server's
--          process that gave out the number, '' if it is not known
local function run_of(number)
  local place = string.format('%.0f-0', number)
  local entry = redis.call('XRANGE', KEYS[2], place, place)[1]
  return entry and entry[2][1] == 'run' and entry[2][2] or ''
end

local latest = tonumber(redis.call('HGET', KEYS[1], 'latest') or 0)
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
local announcements = {}
if latest > tonumber(ARGV[1]) then
  local from = string.format('%.0f-0', ARGV[1] + 1)
  announcements = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', ARGV[2])
end
local replica = string.find(redis.call('INFO', 'replication'), 'slave_read_only:1', 1, true)
return {latest, announcements, epoch, run_of(ARGV[1]), run_of(latest), replica and 1 or 0}
