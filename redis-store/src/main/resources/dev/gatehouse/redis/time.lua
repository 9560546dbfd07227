-- The server's clock, in milliseconds: nodes whose clocks differ agree on when a lease ends.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
