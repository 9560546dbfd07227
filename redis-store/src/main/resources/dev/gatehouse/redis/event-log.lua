-- What every step on a tenant's event log begins with. The log is a stream whose ids are the
-- server's time; what is known about it beside its entries stands in a hash, for a stream forgets
-- what it dropped:
--   run: the server's process that wrote last   lost: up to where entries may be lost
--   last: up to where ids were given out        bytes: the size of all entries
local TRIMMED_AT_A_TIME = 32

local function digits(number)
  return string.format('%.0f', number)
end

local function id(position)
  return digits(position[1]) .. '-' .. digits(position[2])
end

local function position(text)
  local major, minor = string.match(text, '^(%d+)-(%d+)$')
  return {tonumber(major), tonumber(minor)}
end

local function after(one, other)
  return one[1] > other[1] or (one[1] == other[1] and one[2] > other[2])
end

-- Never below what was given out, also if the clock was turned back.
local function next_place(at, last)
  if at > last[1] then
    return {at, 0}
  end
  return {last[1], last[2] + 1}
end

local function run_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

local function save(meta, state, remember)
  redis.call('HSET', meta, 'run', state.run, 'lost', id(state.lost), 'last', id(state.last),
    'bytes', digits(state.bytes))
  redis.call('PEXPIRE', meta, remember)
end

-- A log of which nothing is known may have been lost whole; one that another process of the server
-- wrote may lack its end, unless the operator says that restarts lose nothing.
local function open(log, meta, at, durable)
  local known = redis.call('HMGET', meta, 'run', 'lost', 'last', 'bytes')
  local run = run_id()
  if not known[1] then
    redis.call('DEL', log)
    local start = {at, 0}
    return {run = run, lost = start, last = start, bytes = 0, changed = true}
  end
  local state = {run = run, lost = position(known[2]), last = position(known[3]),
    bytes = tonumber(known[4]), changed = known[1] ~= run}
  if state.changed and durable ~= '1' then
    state.last = next_place(at, state.last)
    state.lost = state.last
  end
  -- it got too old while nobody appended, and expired as a whole
  if state.bytes > 0 and redis.call('EXISTS', log) == 0 then
    state.lost = state.last
    state.bytes = 0
    state.changed = true
  end
  return state
end

local function size(entry)
  local total = 0
  for i = 2, #entry[2], 2 do
    total = total + string.len(entry[2][i])
  end
  return total
end

-- Drops the oldest entries while there are too many, of too many bytes, or too old; a part of them
-- at a time, so that nobody else waits.
local function trim(log, state, at, most, most_bytes, age)
  local length = redis.call('XLEN', log)
  if length == 0 then
    state.bytes = 0
    return
  end
  for _ = 1, TRIMMED_AT_A_TIME do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
    if not oldest then
      return
    end
    local place = position(oldest[1])
    if length <= most and state.bytes <= most_bytes and place[1] > at - age then
      return
    end
    redis.call('XTRIM', log, 'MAXLEN', '=', length - 1)
    length = length - 1
    state.bytes = state.bytes - size(oldest)
    state.changed = true
    if after(place, state.lost) then
      state.lost = place
    end
  end
end
