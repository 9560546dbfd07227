-- Puts an announcement into the log, under the next number, and wakes whoever listens.
local function announce(number, log, channel, ...)
  local next = redis.call('HINCRBY', number, 'latest', 1)
  if next == 1 then
    -- a log that begins anew counts anew: by this, who knew the old one can tell
    local time = redis.call('TIME')
    redis.call('HSET', number, 'epoch', time[1] .. '.' .. time[2])
    -- what is left of the old one, where only its number was lost, stands above the new numbers
    redis.call('DEL', log)
  end
  -- a restart that lost the latest numbers gives them anew: by this, who knew the old ones can tell
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  redis.call('XADD', log, 'MAXLEN', '~', 10000, string.format('%.0f-0', next), 'run', run, ...)
  redis.call('PUBLISH', channel, string.format('%.0f', next))
  return next
end
