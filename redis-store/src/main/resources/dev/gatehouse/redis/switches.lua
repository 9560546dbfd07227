-- KEYS: the number of the latest announcement, the switches that are engaged
-- answers {latest number, switches with their times and reasons}
return {tonumber(redis.call('HGET', KEYS[1], 'latest') or 0), redis.call('HGETALL', KEYS[2])}
