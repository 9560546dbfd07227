package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/**
 * How an inbox writes down what a delivery is claimed by. It does so in one form as long as it
 * lasts: in another, it would not know again what it has stored.
 */
enum ClaimForm {
  /** Of inboxes that held deliveries when there was no other form: part of the digest. */
  DIGEST {
    @Override
    byte[] of(Incoming delivery) {
      return Arrays.copyOf(delivery.claimKey().toBytes(), DIGEST_BYTES);
    }
  },
  /**
   * The same, behind how a signed id begins: what comes at one time is in a few pages of the index,
   * where ids rise with time. Most of what a commit writes are pages of that index otherwise.
   */
  LED {
    @Override
    byte[] of(Incoming delivery) {
      return delivery.claimKey().toIndexBytes(DIGEST_BYTES);
    }
  };

  // Of SHA-256, 128 bits: no two of 2^64 deliveries meet, and the index is a third smaller.
  static final int DIGEST_BYTES = 16;

  abstract byte[] of(Incoming delivery);

  /** The form of an inbox whose schema is up to date. */
  static ClaimForm in(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT led FROM claim_form")) {
      return row.next() && row.getBoolean(1) ? LED : DIGEST;
    }
  }
}
