-- KEYS: the number of the latest announcement, the log
-- ARGV: the channel, then names and values
return announce(KEYS[1], KEYS[2], unpack(ARGV))
