package dev.gatehouse.receiver;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The columns that a new delivery fills, each with its type and what it takes. */
final class InsertedColumns {
  /**
   * A column.
   *
   * @param type what PostgreSQL calls its type
   */
  record Column(String name, String type, Function<NewDelivery, @Nullable Object> value) {
    /** Its values in all of these rows. */
    @Nullable Object[] of(List<NewDelivery> rows) {
      @Nullable Object[] values =
          switch (type) {
            case "int8" -> new Long[rows.size()];
            case "int4" -> new Integer[rows.size()];
            case "bytea" -> new byte[rows.size()][];
            default -> new String[rows.size()];
          };
      for (int i = 0; i < values.length; i++) {
        values[i] = value.apply(rows.get(i));
      }
      return values;
    }
  }

  static final List<Column> ALL =
      List.of(
          new Column("id", "int8", NewDelivery::id),
          new Column("claim_key", "bytea", NewDelivery::claim),
          new Column("fingerprint", "bytea", NewDelivery::fingerprint),
          new Column("dedupe_until", "int8", d -> d.incoming().dedupeUntil().toEpochMilli()),
          new Column("state", "int4", d -> d.state().code()),
          new Column("attempts", "int4", d -> 0),
          new Column("fence", "int8", d -> 0L),
          new Column("next_attempt_at", "int8", NewDelivery::due),
          new Column("received_at", "int8", d -> d.incoming().receivedAt().toEpochMilli()),
          new Column("signed_at", "int8", d -> millis(d.incoming().signedAt())),
          new Column("size", "int4", d -> d.incoming().body().length),
          new Column("source", "text", d -> d.incoming().source()),
          new Column("tenant", "text", d -> d.incoming().tenant()),
          new Column("scheme", "text", d -> d.incoming().scheme()),
          new Column("key_id", "text", d -> d.incoming().keyId()),
          new Column("sender_id", "text", d -> d.incoming().senderId()),
          new Column("event_type", "text", d -> d.incoming().eventType()),
          new Column("method", "text", d -> d.incoming().method()),
          new Column("content_type", "text", d -> d.incoming().contentType()),
          new Column("verdict", "text", d -> d.incoming().verdict()),
          new Column("headers", "text", d -> d.content().headers()),
          new Column("body", "bytea", d -> d.content().body()),
          new Column("order_key", "text", d -> d.incoming().orderKey()),
          new Column("sealed_with", "text", d -> d.content().keyId()));

  private InsertedColumns() {}

  private static @Nullable Long millis(@Nullable Instant instant) {
    return instant == null ? null : (Long) instant.toEpochMilli();
  }

  /** An insertion into all of them. */
  static String statement(String rows) {
    String names = ALL.stream().map(Column::name).collect(Collectors.joining(", "));
    return "INSERT INTO deliveries (" + names + ") " + rows;
  }

  static String marks() {
    return String.join(", ", Collections.nCopies(ALL.size(), "?"));
  }

  static void set(PreparedStatement insert, NewDelivery delivery) throws SQLException {
    for (int i = 0; i < ALL.size(); i++) {
      Object value = ALL.get(i).value().apply(delivery);
      if (value instanceof Long number) {
        insert.setLong(i + 1, number);
      } else if (value instanceof Integer number) {
        insert.setInt(i + 1, number);
      } else if (value instanceof byte[] bytes) {
        insert.setBytes(i + 1, bytes);
      } else if (value instanceof String text) {
        insert.setString(i + 1, text);
      } else {
        insert.setNull(i + 1, Types.NULL);
      }
    }
  }
}
