package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Seals what another key sealed, or none, with the first key, piece by piece in the order of ids:
 * no more at a time than so many rows, and about so many bytes. What does not open stays as it is.
 */
final class Resealing implements AutoCloseable {
  private static final long MAX_PIECE_BYTES = 8L << 20;

  private final Vault vault;
  private final PreparedStatement window;
  private final PreparedStatement select;
  private final PreparedStatement update;

  Resealing(Connection connection, Vault vault) throws SQLException {
    this.vault = vault;
    window =
        connection.prepareStatement(
            "SELECT id, CASE WHEN body IS NOT NULL AND coalesce(sealed_with, '') <> ? THEN size"
                + " ELSE 0 END FROM deliveries WHERE id > ? ORDER BY id LIMIT ?");
    select =
        connection.prepareStatement(
            "SELECT id, source, tenant, verdict, state, sealed_with, headers, body FROM deliveries"
                + " WHERE id > ? AND id <= ? AND body IS NOT NULL AND coalesce(sealed_with, '') <>"
                + " ?");
    update =
        connection.prepareStatement(
            "UPDATE deliveries SET sealed_with = ?, headers = ?, body = ? WHERE id = ? AND body IS"
                + " NOT NULL AND coalesce(sealed_with, '') = ?");
  }

  private record Piece(Vault.Row row, Sealed content) {}

  /** Looks at up to that many deliveries after that id; how far it got, 0 at the end. */
  long piece(long after, int limit) throws SQLException {
    String newest = vault.newest();
    if (newest == null) {
      return 0;
    }
    long last = end(after, limit, newest);
    for (Piece piece : last == 0 ? List.<Piece>of() : pieces(after, last, newest)) {
      reseal(piece);
    }
    return last;
  }

  // All of a piece is in memory at a time. One that is larger than a piece is a piece of its own.
  private long end(long after, int limit, String newest) throws SQLException {
    window.setString(1, newest);
    window.setLong(2, after);
    window.setInt(3, limit);
    long last = 0;
    long bytes = 0;
    try (ResultSet row = window.executeQuery()) {
      while (row.next()) {
        bytes += row.getLong(2);
        if (last != 0 && bytes > MAX_PIECE_BYTES) {
          return last;
        }
        last = row.getLong(1);
      }
    }
    return last;
  }

  private List<Piece> pieces(long after, long last, String newest) throws SQLException {
    select.setLong(1, after);
    select.setLong(2, last);
    select.setString(3, newest);
    List<Piece> pieces = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        boolean quarantined = row.getInt(5) == DeliveryState.QUARANTINED.code();
        pieces.add(
            new Piece(
                new Vault.Row(
                    row.getLong(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    quarantined),
                new Sealed(row.getString(6), row.getString(7), row.getBytes(8))));
      }
    }
    return pieces;
  }

  private void reseal(Piece piece) throws SQLException {
    Optional<Inbox.Content> content = opened(piece);
    if (content.isEmpty()) {
      return;
    }
    Sealed anew = vault.seal(piece.row(), content.get().headers(), content.get().body());
    update.setString(1, anew.keyId());
    update.setString(2, anew.headers());
    update.setBytes(3, anew.body());
    update.setLong(4, piece.row().id());
    update.setString(5, Objects.requireNonNullElse(piece.content().keyId(), ""));
    update.executeUpdate();
  }

  private Optional<Inbox.Content> opened(Piece piece) {
    try {
      return Optional.of(vault.open(piece.row(), piece.content()));
    } catch (Vault.SealException e) {
      // its delivery reports it
      return Optional.empty();
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(window, select, update)) {
      statement.close();
    }
  }
}
