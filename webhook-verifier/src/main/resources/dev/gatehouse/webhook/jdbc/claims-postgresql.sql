-- The claims of PostgreSQL 12 or later. What is here already is left as it is.
CREATE SEQUENCE IF NOT EXISTS gatehouse_claim_fences;

CREATE TABLE IF NOT EXISTS gatehouse_claims (
  claim_key   bytea    PRIMARY KEY,  -- SHA-256 of tenant, source and identity
  source      text     NOT NULL,
  fingerprint bytea    NOT NULL,
  fence       bigint   NOT NULL,
  state       smallint NOT NULL,     -- 0 held, 1 completed, 2 released
  ends_at     bigint   NOT NULL,     -- of the lease or the retention; ms since the epoch, the server's clock
  answer      bytea
);

CREATE INDEX IF NOT EXISTS gatehouse_claims_ends_at ON gatehouse_claims (ends_at);
