-- The claims of SQLite 3.35 or later. What is here already is left as it is.
CREATE TABLE IF NOT EXISTS gatehouse_claim_fences (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  last INTEGER NOT NULL
);

INSERT INTO gatehouse_claim_fences (id, last) VALUES (1, 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS gatehouse_claims (
  claim_key   BLOB    PRIMARY KEY,  -- SHA-256 of tenant, source and identity
  source      TEXT    NOT NULL,
  fingerprint BLOB    NOT NULL,
  fence       INTEGER NOT NULL,
  state       INTEGER NOT NULL,     -- 0 held, 1 completed, 2 released
  ends_at     INTEGER NOT NULL,     -- of the lease or the retention; ms since the epoch
  answer      BLOB
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS gatehouse_claims_ends_at ON gatehouse_claims (ends_at);
