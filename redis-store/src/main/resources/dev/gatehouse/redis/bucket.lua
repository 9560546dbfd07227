-- A bucket: its level in parts of a point, and when it stood so. Whole numbers, so that nothing is
-- lost to rounding, however often it is asked. One that is not there is full.
-- KEYS[1] the bucket; ARGV[1] the parts it holds, ARGV[2] the parts that flow in each millisecond.
local capacity = tonumber(ARGV[1])
local refill = tonumber(ARGV[2])
local time = now()
local since = time
local level = capacity
local turned = false

local kept = redis.call('GET', KEYS[1])
if kept then
  local parts, then_ = string.match(kept, '^(%d+) (%d+)$')
  since = tonumber(then_)
  level = math.min(capacity, tonumber(parts) + math.max(0, time - since) * refill)
  -- A clock that was turned back gives nothing, and holds up no bucket for longer than one fills.
  turned = since - time > capacity / refill
  if turned then
    since = time
  end
  since = math.max(since, time)
end

local function keep(parts)
  local millis = math.ceil((capacity - parts) / refill)
  redis.call(
    'SET', KEYS[1], string.format('%.0f %.0f', parts, since),
    'PX', string.format('%.0f', millis + since - time + 10000))
end

if turned then
  keep(level)
end
