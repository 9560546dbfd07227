-- KEYS: the tenant's log, and what is known of it
-- ARGV: whether restarts lose nothing, most entries, most bytes, age (ms), how long to remember
--       (ms), then the entry's fields and values
-- answers the entry's id
local at = now()
local age = tonumber(ARGV[4])
local state = open(KEYS[1], KEYS[2], at, ARGV[1])
state.last = next_place(at, state.last)

-- Written first, because a server without memory refuses a script's first write and no other.
redis.call('XADD', KEYS[1], id(state.last), unpack(ARGV, 6))
for i = 7, #ARGV, 2 do
  state.bytes = state.bytes + string.len(ARGV[i])
end
trim(KEYS[1], state, at, tonumber(ARGV[2]), tonumber(ARGV[3]), age)
save(KEYS[2], state, ARGV[5])
redis.call('PEXPIRE', KEYS[1], age)
return id(state.last)
