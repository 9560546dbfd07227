package dev.gatehouse.receiver;

import java.util.List;

/** A SQLite inbox as the first version wrote it, with one delivery that waits. */
final class FirstVersion {
  static final List<String> STATEMENTS =
      List.of(
          "PRAGMA application_id = 1195930469",
          "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)",
          """
          CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY, claim_key BLOB UNIQUE, fingerprint BLOB NOT NULL,
            dedupe_until INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
            fence INTEGER NOT NULL, next_attempt_at INTEGER, last_status INTEGER,
            delivered_at INTEGER, received_at INTEGER NOT NULL, signed_at INTEGER,
            size INTEGER NOT NULL, source TEXT NOT NULL, tenant TEXT, scheme TEXT NOT NULL,
            key_id TEXT, sender_id TEXT, event_type TEXT, method TEXT NOT NULL, content_type TEXT,
            verdict TEXT, last_error TEXT, headers TEXT, body BLOB)
          """,
          """
          CREATE INDEX deliveries_due ON deliveries (source, next_attempt_at)
            WHERE next_attempt_at IS NOT NULL
          """,
          "INSERT INTO schema_version VALUES (1, datetime('now'))",
          """
          INSERT INTO deliveries (id, claim_key, fingerprint, dedupe_until, state, attempts, fence,
            next_attempt_at, received_at, size, source, scheme, sender_id, method, headers, body)
          VALUES (1234567, x'00', x'01', 1, 0, 0, 0, 1, 1, 2, 'hook', 'github', 'msg_1', 'POST',
            '{}', x'7b7d')
          """);

  private FirstVersion() {}
}
