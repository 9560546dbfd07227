-- KEYS: the delivery; the source's fence, deliveries held, deliveries done
-- ARGV: the delivery's name in the two sets, fingerprint, lease (ms), most deliveries of a source,
--       the keys' common prefix
-- answers {'new', fence, ends, forgotten}, {'duplicate', answer}, {'in-flight', ends}, {'conflict'}
--       or {'full'}
local at = now()
local name, fingerprint, lease, most = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local entry = redis.call('GET', KEYS[1])
if entry then
  local state, _, ends, content = struct.unpack(LAYOUT, entry)
  if at < ends then
    if content ~= fingerprint then
      return {'conflict'}
    end
    if state == DONE then
      return {'duplicate', string.sub(entry, ANSWER_AT)}
    end
    return {'in-flight', ends}
  end
end

-- Never below the clock: a server that lost its counter hands out no fence for a second time.
-- Written first, because a server without memory refuses a script's first write and no other.
local fence = math.max((redis.call('GET', KEYS[2]) or 0) + 1, at * 1000)
redis.call('SET', KEYS[2], digits(fence))

-- Twice as many as one claim adds, so that the sets shrink to what lives; and never more, so that
-- no call keeps the server.
for _, set in ipairs({KEYS[3], KEYS[4]}) do
  local ended = redis.call('ZRANGEBYSCORE', set, '-inf', digits(at), 'LIMIT', 0, 2)
  if #ended > 0 then
    redis.call('ZREM', set, unpack(ended))
  end
end
redis.call('ZREM', KEYS[3], name)
redis.call('ZREM', KEYS[4], name)

local forgotten = 0
if redis.call('ZCARD', KEYS[3]) + redis.call('ZCARD', KEYS[4]) >= most then
  local oldest = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  if oldest then
    redis.call('ZREM', KEYS[4], oldest)
    redis.call('DEL', ARGV[5] .. oldest)
    forgotten = 1
  else
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', digits(at))
    if redis.call('ZCARD', KEYS[3]) >= most then
      return {'full'}
    end
  end
end

local ends = at + lease
redis.call('SET', KEYS[1], struct.pack(LAYOUT, HELD, fence, ends, fingerprint), 'PX', digits(lease))
redis.call('ZADD', KEYS[3], digits(ends), name)
if redis.call('PTTL', KEYS[3]) < lease then
  redis.call('PEXPIRE', KEYS[3], digits(lease))
end
return {'new', fence, ends, forgotten}
