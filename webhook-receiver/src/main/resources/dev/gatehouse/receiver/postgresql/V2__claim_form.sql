-- What was stored before is to be known again, and a receiver that opened the inbox before may still run and store: so
-- only an inbox that is made now begins with the other form of claim_key, 16 bytes of the claim's digest behind the first
-- 12 of a signed id.
CREATE TABLE claim_form AS SELECT ${isNew} AND NOT EXISTS (SELECT 1 FROM deliveries) AS led;
