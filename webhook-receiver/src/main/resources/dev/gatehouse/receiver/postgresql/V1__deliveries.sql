-- The columns are SQLite's, and mean the same; see InboxSchema. Times are milliseconds since the epoch, by this
-- server's clock, but received_at, signed_at and dedupe_until.
CREATE TABLE deliveries (
  id int8 PRIMARY KEY,
  claim_key bytea UNIQUE,               -- 16 bytes; null once a later delivery took the claim over
  fingerprint bytea NOT NULL,
  dedupe_until int8 NOT NULL,
  state int4 NOT NULL,                  -- DeliveryState's codes
  attempts int4 NOT NULL,
  fence int8 NOT NULL,
  next_attempt_at int8,                 -- due then; while delivering: the end of the lease
  last_status int4,
  delivered_at int8,
  received_at int8 NOT NULL,
  signed_at int8,
  size int4 NOT NULL,
  source text COLLATE "C" NOT NULL,
  tenant text,
  scheme text NOT NULL,
  key_id text,
  sender_id text,
  event_type text,
  method text NOT NULL,
  content_type text,
  verdict text,                         -- why it would have been rejected; null if verified
  last_error text,
  headers text,
  body bytea,                           -- null once retention removed it
  order_key text COLLATE "C",
  sealed_with text COLLATE "C"          -- the key of headers and body; null: not sealed
)
-- rows change a few times and are then left alone: to be vacuumed by their number, not by their share
WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE INDEX deliveries_due ON deliveries (source, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_listed ON deliveries (source, state, id);
CREATE INDEX deliveries_ordered ON deliveries (source, order_key, next_attempt_at, id)
  WHERE order_key IS NOT NULL AND next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_sealed ON deliveries (sealed_with, id) WHERE sealed_with IS NOT NULL;
