-- What was stored before is to be known again, so only an inbox that has stored nothing begins with
-- the other form of claim_key: 16 bytes of the claim's digest behind the first 12 of a signed id.
CREATE TABLE claim_form AS SELECT NOT EXISTS (SELECT 1 FROM deliveries) AS led;
