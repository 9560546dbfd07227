-- KEYS: the tenant's log, and what is known of it
-- ARGV: whether restarts lose nothing, how long to remember (ms), the id to read behind, the topics
--       as a pattern of Lua's, most entries, most bytes, most entries to look at
-- answers {up to, gap, more, looked at, entries}
local CHUNK = 16
local state = open(KEYS[1], KEYS[2], now(), ARGV[1])
if state.changed then
  save(KEYS[2], state, ARGV[2])
else
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end

local begin = position(ARGV[3])
if after(begin, state.last) then
  return {id(state.last), 1, 0, 0, {}}
end
local gap = 0
if after(state.lost, begin) then
  gap = 1
end

local topics, most, most_bytes, most_looks =
  ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local found, bytes, looked, at = {}, 0, 0, id(begin)
while true do
  local entries = redis.call('XRANGE', KEYS[1], '(' .. at, '+', 'COUNT', CHUNK)
  if #entries == 0 then
    return {id(state.last), gap, 0, looked, found}
  end
  for _, entry in ipairs(entries) do
    -- the topic is the first field's value
    local wanted = string.find(entry[2][2], topics) ~= nil
    local length = wanted and size(entry) or 0
    local full = #found >= most or (#found > 0 and bytes + length > most_bytes)
    if (full and wanted) or looked >= most_looks then
      return {at, gap, 1, looked, found}
    end
    looked = looked + 1
    at = entry[1]
    if wanted then
      found[#found + 1] = entry
      bytes = bytes + length
    end
  end
end
