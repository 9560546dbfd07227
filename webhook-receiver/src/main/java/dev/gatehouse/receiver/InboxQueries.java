package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Inbox.Backlog;
import dev.gatehouse.receiver.Inbox.Content;
import dev.gatehouse.receiver.Inbox.Query;
import dev.gatehouse.receiver.Inbox.ReplayFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the inbox is asked without changing anything. Every question is answered from an index, in
 * one snapshot, at a cost of what is answered and not of what is stored.
 */
final class InboxQueries {
  private static final String COLUMNS =
      "id, source, tenant, scheme, key_id, sender_id, event_type, order_key, method, content_type,"
          + " size, received_at, signed_at, verdict, state, attempts, next_attempt_at, last_status,"
          + " last_error, delivered_at";

  // Hops from source to source on the index: as many look-ups as there are sources.
  private static final String SOURCES =
      """
      WITH RECURSIVE hop (source) AS (
        SELECT min(source) FROM deliveries
        UNION ALL
        SELECT (SELECT min(d.source) FROM deliveries d WHERE d.source > hop.source)
        FROM hop WHERE hop.source IS NOT NULL)
      SELECT source FROM hop WHERE source IS NOT NULL\
      """;

  private static final String KEYS =
      """
      WITH RECURSIVE hop (k) AS (
        SELECT min(sealed_with) FROM deliveries WHERE sealed_with IS NOT NULL
        UNION ALL
        SELECT (SELECT min(d.sealed_with) FROM deliveries d WHERE d.sealed_with > hop.k)
        FROM hop WHERE hop.k IS NOT NULL)
      SELECT k FROM hop WHERE k IS NOT NULL\
      """;

  // Ids are given at storing, moments after the time of receipt; a clock that was set back in
  // between may make it more.
  private static final long ID_SLACK_SECONDS = 3_600;

  // Few are older than those that are due before them: such as what was replayed.
  private static final int FIRST_DUE = 1_000;

  private final Connection connection;
  private final Vault vault;
  private final String sizeQuery;

  InboxQueries(Connection connection, Vault vault, String sizeQuery) {
    this.connection = connection;
    this.vault = vault;
    this.sizeQuery = sizeQuery;
  }

  private record Range(long after, long upTo, int limit) {}

  List<Delivery> list(Query query) throws SQLException {
    return list(
        query.source(), query.state(), new Range(query.after(), Long.MAX_VALUE, query.limit()));
  }

  /** A page of what a filter may mean; the filter itself has the last word on each. */
  List<Delivery> candidates(ReplayFilter filter, long after, int limit) throws SQLException {
    long from = Math.max(after, filter.fromId() - 1);
    if (filter.receivedFrom() != null) {
      from = Math.max(from, firstId(filter.receivedFrom(), -ID_SLACK_SECONDS) - 1);
    }
    long upTo = filter.toId();
    if (filter.receivedBefore() != null && !idsAreAhead(connection)) {
      upTo = Math.min(upTo, firstId(filter.receivedBefore(), ID_SLACK_SECONDS));
    }
    return list(filter.source(), filter.state(), new Range(from, upTo, limit));
  }

  /**
   * Whether the newest was received long before its id says: its id follows one that was given
   * while the clock was ahead.
   */
  static boolean idsAreAhead(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT id, received_at FROM deliveries ORDER BY id DESC LIMIT 1");
        ResultSet row = select.executeQuery()) {
      return row.next() && isAhead(row.getLong(1), Instant.ofEpochMilli(row.getLong(2)));
    }
  }

  private static boolean isAhead(long id, Instant receivedAt) {
    return DeliveryId.time(id).isAfter(receivedAt.plusSeconds(ID_SLACK_SECONDS));
  }

  // Any time may be asked for, and most have no number of milliseconds, or none that has ids.
  private static long firstId(Instant time, long slackSeconds) {
    long millis = TimeUnit.SECONDS.toMillis(time.getEpochSecond() + slackSeconds);
    return DeliveryId.next(0, Math.max(0, millis));
  }

  private List<Delivery> list(@Nullable String source, @Nullable DeliveryState state, Range range)
      throws SQLException {
    if (source == null && state == null) {
      return page(range);
    }
    return byIds(
        ids(
            source == null ? sources() : List.of(source),
            state == null ? List.of(DeliveryState.values()) : List.of(state),
            range));
  }

  private List<Long> ids(List<String> sources, List<DeliveryState> states, Range range)
      throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id FROM deliveries WHERE source = ? AND state = ? AND id > ? AND id <= ?"
                + " ORDER BY id LIMIT ?")) {
      for (String one : sources) {
        for (DeliveryState each : states) {
          select.setString(1, one);
          select.setInt(2, each.code());
          set(select, 3, range);
          addIds(select, ids);
        }
      }
    }
    return ids.stream().sorted().limit(range.limit()).toList();
  }

  private List<Delivery> page(Range range) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT "
                + COLUMNS
                + " FROM deliveries WHERE id > ? AND id <= ? ORDER BY id LIMIT ?")) {
      set(select, 1, range);
      return deliveries(select);
    }
  }

  private static void set(PreparedStatement select, int at, Range range) throws SQLException {
    select.setLong(at, range.after());
    select.setLong(at + 1, range.upTo());
    select.setInt(at + 2, range.limit());
  }

  private static void addIds(PreparedStatement select, List<Long> ids) throws SQLException {
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
  }

  private List<Delivery> byIds(List<Long> ids) throws SQLException {
    List<Delivery> found = new ArrayList<>(ids.size());
    for (long id : ids) {
      find(id).ifPresent(found::add);
    }
    return found;
  }

  Optional<Delivery> find(long id) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT " + COLUMNS + " FROM deliveries WHERE id = ?")) {
      select.setLong(1, id);
      return deliveries(select).stream().findFirst();
    }
  }

  private List<String> sources() throws SQLException {
    return sources(connection);
  }

  /** Who has deliveries there. */
  static List<String> sources(Connection connection) throws SQLException {
    List<String> sources = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(SOURCES);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        sources.add(row.getString(1));
      }
    }
    return sources;
  }

  Map<String, Backlog> backlog() throws SQLException {
    Map<String, Backlog> backlog = new TreeMap<>();
    try (PreparedStatement count =
            connection.prepareStatement(
                "SELECT count(*), min(id) FROM (SELECT id FROM deliveries WHERE source = ? AND"
                    + " state = ? ORDER BY id LIMIT "
                    + Backlog.MOST
                    + ") AS counted");
        PreparedStatement firstDue =
            connection.prepareStatement(
                "SELECT min(id) FROM (SELECT id FROM deliveries WHERE source = ? AND"
                    + " next_attempt_at IS NOT NULL ORDER BY next_attempt_at LIMIT "
                    + FIRST_DUE
                    + ") AS due")) {
      for (String source : sources()) {
        backlog.put(source, backlog(count, firstDue, source));
      }
    }
    return backlog;
  }

  // What is received counts as open only if it is due some day: a source without a destination
  // keeps its deliveries for readers. Those tried before are due again later, so by their state.
  private Backlog backlog(PreparedStatement count, PreparedStatement firstDue, String source)
      throws SQLException {
    Map<DeliveryState, Long> counts = new EnumMap<>(DeliveryState.class);
    long oldest = oldestDue(firstDue, source);
    for (DeliveryState state : DeliveryState.values()) {
      if (state == DeliveryState.DELIVERED) {
        continue;
      }
      count.setString(1, source);
      count.setInt(2, state.code());
      try (ResultSet row = count.executeQuery()) {
        if (row.next() && row.getLong(1) > 0) {
          counts.put(state, row.getLong(1));
          boolean kept = state == DeliveryState.RECEIVED || state.isEnded();
          oldest = kept ? oldest : Math.min(oldest, row.getLong(2));
        }
      }
    }
    return new Backlog(counts, oldest == Long.MAX_VALUE ? null : receivedAt(oldest));
  }

  // Not the time of its id: after a clock that was far ahead, ids no longer tell the time.
  private @Nullable Instant receivedAt(long id) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT received_at FROM deliveries WHERE id = ?")) {
      select.setLong(1, id);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Instant.ofEpochMilli(row.getLong(1)) : null;
      }
    }
  }

  private static long oldestDue(PreparedStatement firstDue, String source) throws SQLException {
    firstDue.setString(1, source);
    try (ResultSet row = firstDue.executeQuery()) {
      long oldest = row.next() ? row.getLong(1) : 0;
      return oldest == 0 ? Long.MAX_VALUE : oldest;
    }
  }

  Optional<Content> content(long id) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT source, tenant, verdict, state, sealed_with, headers, body FROM deliveries"
                + " WHERE id = ? AND body IS NOT NULL")) {
      select.setLong(1, id);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(content(id, row)) : Optional.empty();
      }
    }
  }

  private Content content(long id, ResultSet row) throws SQLException {
    boolean quarantined = row.getInt(4) == DeliveryState.QUARANTINED.code();
    Vault.Row identity =
        new Vault.Row(id, row.getString(1), row.getString(2), row.getString(3), quarantined);
    return vault.open(identity, new Sealed(row.getString(5), row.getString(6), row.getBytes(7)));
  }

  /** The keys that what is stored is sealed with. */
  Set<String> sealedWith() throws SQLException {
    Set<String> keys = new TreeSet<>();
    try (PreparedStatement select = connection.prepareStatement(KEYS);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        keys.add(row.getString(1));
      }
    }
    return keys;
  }

  /** Fails if the table cannot be read. */
  void touch() throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT 1 FROM deliveries LIMIT 1");
        ResultSet row = select.executeQuery()) {
      row.next();
    }
  }

  /** About how many bytes the rows take. */
  long bytes() throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sizeQuery);
        ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /**
   * Of what ended, the oldest after that id, in the order of their ids: no more of them than whose
   * bodies make up that many bytes.
   */
  List<Long> oldestEnded(long bytes, long after, int limit) throws SQLException {
    if (bytes <= 0) {
      return List.of();
    }
    List<DeliveryState> ended =
        Stream.of(DeliveryState.values()).filter(DeliveryState::isEnded).toList();
    List<Long> oldest = ids(sources(), ended, new Range(after, Long.MAX_VALUE, limit));
    if (oldest.isEmpty()) {
      return oldest;
    }
    Map<Long, Long> sizes = bodySizes(oldest);
    long held = 0;
    int count = 0;
    while (count < oldest.size() && held < bytes) {
      held += sizes.getOrDefault(oldest.get(count++), 0L);
    }
    return oldest.subList(0, count);
  }

  private Map<Long, Long> bodySizes(List<Long> ids) throws SQLException {
    Map<Long, Long> sizes = new HashMap<>();
    String listed = ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT id, size FROM deliveries WHERE body IS NOT NULL AND id IN ("
                    + listed
                    + ")");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        sizes.put(row.getLong(1), row.getLong(2));
      }
    }
    return sizes;
  }

  private static List<Delivery> deliveries(PreparedStatement select) throws SQLException {
    List<Delivery> found = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        found.add(delivery(row));
      }
    }
    return found;
  }

  private static Delivery delivery(ResultSet row) throws SQLException {
    int status = row.getInt(18);
    Integer lastStatus = row.wasNull() ? null : status;
    boolean held = row.getLong(17) == InboxSchema.HELD;
    return new Delivery(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        row.getInt(11),
        Instant.ofEpochMilli(row.getLong(12)),
        instant(row, 13),
        row.getString(14),
        DeliveryState.of(row.getInt(15)),
        row.getInt(16),
        held ? null : instant(row, 17),
        held,
        lastStatus,
        row.getString(19),
        instant(row, 20));
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }
}
