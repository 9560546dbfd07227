-- KEYS: the tenant's log, and what is known of it
-- ARGV: whether restarts lose nothing, how long to remember (ms)
-- answers the id of the latest entry, or one before all that will come
local state = open(KEYS[1], KEYS[2], now(), ARGV[1])
if state.changed then
  save(KEYS[2], state, ARGV[2])
else
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return id(state.last)
