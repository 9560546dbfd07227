package dev.gatehouse.receiver;

import dev.gatehouse.receiver.InsertedColumns.Column;
import dev.gatehouse.receiver.NewDelivery.Claimed;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL: many rows in one statement, the server's clock, and locks that let several receivers
 * use one database.
 *
 * <p>Rows are inserted in the order of their claims: two receivers that store the same deliveries
 * at the same time wait for each other in one direction, and never in a circle.
 */
final class PostgresDialect implements Dialect {
  /** The channel that wakes other receivers; its messages are names of sources. */
  static final String CHANNEL = "gatehouse_due";

  /** The first half of the names of the locks on order keys: nobody else's begin so. */
  static final int ORDER_LOCKS = 0x6a7e;

  /**
   * How many locks there are for all order keys: keys share them. One for each key would let a
   * batch of a thousand keys take what the whole server has room for; a power of two.
   */
  static final int MAX_ORDER_LOCKS = 256;

  private static final int MAX_TURNS = 4;
  private static final long MAX_PIECE_BYTES = 8L << 20;

  private final Connection connection;
  private final Vault vault;
  private final ReceiverNumber ids;
  private final ClaimForm form;
  private final PreparedStatement now;
  private final PreparedStatement insert;
  private final PreparedStatement inserted;
  private final PreparedStatement known;
  private final PreparedStatement yieldClaim;
  private final PreparedStatement lockKeys;
  private final PreparedStatement lockOrder;
  private final PreparedStatement notify;

  PostgresDialect(Connection connection, ReceiverNumber ids, Vault vault) throws SQLException {
    this.connection = connection;
    this.ids = ids;
    this.vault = vault;
    this.form = ClaimForm.in(connection);
    connection.commit();
    now =
        connection.prepareStatement("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8");
    // Taken out in step: a function in FROM would first put each array into a table of its own.
    insert =
        connection.prepareStatement(
            InsertedColumns.statement(
                "SELECT "
                    + InsertedColumns.ALL.stream()
                        .map(column -> "unnest(?::" + column.type() + "[])")
                        .collect(Collectors.joining(", "))
                    + " ON CONFLICT (claim_key) DO NOTHING"));
    inserted = connection.prepareStatement("SELECT id FROM deliveries WHERE id = ANY (?)");
    known =
        connection.prepareStatement(
            "SELECT id, fingerprint, dedupe_until, claim_key FROM deliveries WHERE claim_key ="
                + " ANY (?)");
    yieldClaim =
        connection.prepareStatement(
            "UPDATE deliveries SET claim_key = NULL WHERE id = ? AND claim_key = ?");
    lockKeys =
        connection.prepareStatement(
            locksOf("s || chr(1) || o", "unnest(?::text[], ?::text[]) AS given (s, o)"));
    lockOrder =
        connection.prepareStatement(
            locksOf(
                "source || chr(1) || order_key",
                "deliveries WHERE id = ANY (?) AND order_key IS NOT NULL"));
    notify = connection.prepareStatement("SELECT pg_notify('" + CHANNEL + "', ?)");
  }

  // ascending, so that two receivers wait for each other in one direction
  private static String locksOf(String key, String from) {
    return "SELECT pg_advisory_xact_lock("
        + ORDER_LOCKS
        + ", k) FROM (SELECT DISTINCT (hashtextextended("
        + key
        + ", 0) & "
        + (MAX_ORDER_LOCKS - 1)
        + ")::int4 AS k FROM "
        + from
        + " ORDER BY k) AS sorted";
  }

  @Override
  public long now() throws SQLException {
    try (ResultSet row = now.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public String takeRows() {
    return " FOR UPDATE SKIP LOCKED";
  }

  @Override
  public List<Stored> store(List<Incoming> given, OrderedDeliveries ordered, long now)
      throws SQLException {
    List<Incoming> deliveries = given.stream().map(this::storable).toList();
    lockKeysOf(deliveries);
    List<NewDelivery> all = new ArrayList<>(deliveries.size());
    Set<List<String>> keysOfThese = new HashSet<>();
    for (Incoming delivery : deliveries) {
      all.add(made(all.size(), delivery, due(delivery, keysOfThese, ordered, now), now));
    }
    @Nullable Stored[] stored = new Stored[all.size()];
    List<NewDelivery> waiting = all;
    for (int turn = 0; !waiting.isEmpty(); turn++) {
      if (turn == MAX_TURNS) {
        throw new SQLException("claims come and go faster than they can be taken");
      }
      insert(waiting, stored);
      waiting = judge(waiting.stream().filter(d -> stored[d.at()] == null).toList(), stored);
    }
    settle(all, ordered, now);
    List<Stored> answers = new ArrayList<>(stored.length);
    for (Stored answer : stored) {
      answers.add(Objects.requireNonNull(answer));
    }
    return answers;
  }

  // What a delivery was to wait for may turn out to be a duplicate.
  private static void settle(List<NewDelivery> stored, OrderedDeliveries ordered, long now)
      throws SQLException {
    Set<List<String>> settled = new HashSet<>();
    for (NewDelivery delivery : stored) {
      String orderKey = delivery.incoming().orderKey();
      boolean held = delivery.due() != null && delivery.due() == InboxSchema.HELD;
      if (held
          && orderKey != null
          && settled.add(List.of(delivery.incoming().source(), orderKey))) {
        ordered.settle(delivery.incoming(), now);
      }
    }
  }

  // The first of a key is due, unless one is on its way; those that follow it here wait for it.
  private static @Nullable Long due(
      Incoming delivery, Set<List<String>> keysOfThese, OrderedDeliveries ordered, long now)
      throws SQLException {
    String orderKey = delivery.orderKey();
    if (!delivery.deliver()) {
      return null;
    }
    if (orderKey != null && !keysOfThese.add(List.of(delivery.source(), orderKey))) {
      return InboxSchema.HELD;
    }
    return ordered.dueOfNew(delivery.source(), orderKey, now);
  }

  private NewDelivery made(int at, Incoming delivery, @Nullable Long due, long now)
      throws SQLException {
    long id = newId(now);
    return new NewDelivery(
        at,
        id,
        DeliveryState.RECEIVED,
        form.of(delivery),
        NewDelivery.fingerprintOf(delivery),
        due,
        vault.seal(
            Vault.Row.of(id, DeliveryState.RECEIVED, delivery),
            delivery.headers(),
            delivery.body()),
        delivery);
  }

  private void lockKeysOf(List<Incoming> deliveries) throws SQLException {
    List<Incoming> keyed =
        deliveries.stream().filter(d -> d.deliver() && d.orderKey() != null).toList();
    if (keyed.isEmpty()) {
      return;
    }
    lockKeys.setArray(1, texts(keyed.stream().map(Incoming::source).toList()));
    lockKeys.setArray(2, texts(keyed.stream().map(d -> String.valueOf(d.orderKey())).toList()));
    lockKeys.executeQuery().close();
  }

  private Array texts(List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray(String[]::new));
  }

  private void insert(List<NewDelivery> deliveries, @Nullable Stored[] stored) throws SQLException {
    List<NewDelivery> sorted = new ArrayList<>(deliveries);
    sorted.sort(Comparator.comparing(NewDelivery::claim, Arrays::compareUnsigned));
    List<NewDelivery> piece = new ArrayList<>();
    long bytes = 0;
    for (NewDelivery delivery : sorted) {
      if (bytes > MAX_PIECE_BYTES) {
        insertPiece(piece, stored);
        piece.clear();
        bytes = 0;
      }
      piece.add(delivery);
      bytes += delivery.content().body().length;
    }
    insertPiece(piece, stored);
  }

  private void insertPiece(List<NewDelivery> piece, @Nullable Stored[] stored) throws SQLException {
    int at = 1;
    for (Column column : InsertedColumns.ALL) {
      insert.setArray(at++, connection.createArrayOf(column.type(), column.of(piece)));
    }
    boolean all = insert.executeUpdate() == piece.size();
    Set<Long> fresh = all ? Set.of() : inserted(piece);
    for (NewDelivery delivery : piece) {
      if (all || fresh.contains(delivery.id())) {
        stored[delivery.at()] = new Stored.Fresh(delivery.id());
      }
    }
  }

  private Set<Long> inserted(List<NewDelivery> piece) throws SQLException {
    Long[] ids = piece.stream().map(NewDelivery::id).toArray(Long[]::new);
    inserted.setArray(1, connection.createArrayOf("int8", ids));
    Set<Long> found = new HashSet<>();
    try (ResultSet row = inserted.executeQuery()) {
      while (row.next()) {
        found.add(row.getLong(1));
      }
    }
    return found;
  }

  /** Answers those whose claim is held, and gives back those that are to be tried again. */
  private List<NewDelivery> judge(List<NewDelivery> refused, @Nullable Stored[] stored)
      throws SQLException {
    if (refused.isEmpty()) {
      return refused;
    }
    Map<ByteBuffer, Claimed> claimed = claimed(refused);
    List<NewDelivery> again = new ArrayList<>();
    for (NewDelivery delivery : refused) {
      Claimed earlier = claimed.get(ByteBuffer.wrap(form.of(delivery.incoming())));
      Stored seen = earlier == null ? null : delivery.against(earlier);
      if (seen != null) {
        stored[delivery.at()] = seen;
        continue;
      }
      if (earlier != null) {
        yieldClaim.setLong(1, earlier.id());
        yieldClaim.setBytes(2, delivery.claim());
        yieldClaim.executeUpdate();
      }
      again.add(delivery);
    }
    return again;
  }

  private Map<ByteBuffer, Claimed> claimed(List<NewDelivery> refused) throws SQLException {
    byte[][] claims = refused.stream().map(d -> form.of(d.incoming())).toArray(byte[][]::new);
    known.setArray(1, connection.createArrayOf("bytea", claims));
    Map<ByteBuffer, Claimed> claimed = new HashMap<>();
    try (ResultSet row = known.executeQuery()) {
      while (row.next()) {
        claimed.put(
            ByteBuffer.wrap(row.getBytes(4)),
            new Claimed(row.getLong(1), row.getBytes(2), row.getLong(3)));
      }
    }
    return claimed;
  }

  @Override
  public long newId(long now) throws SQLException {
    return ids.next(connection, now);
  }

  @Override
  public Incoming storable(Incoming delivery) {
    return PostgresText.storable(delivery);
  }

  @Override
  public void lockOrderOf(Collection<Long> ids) throws SQLException {
    lockOrder.setArray(1, connection.createArrayOf("int8", ids.toArray(Long[]::new)));
    lockOrder.executeQuery().close();
  }

  @Override
  public void reclaim(List<Long> emptied) {
    // its vacuum does
  }

  @Override
  public void tellOthers(Collection<String> sources) throws SQLException {
    for (String source : sources) {
      notify.setString(1, source);
      notify.executeQuery().close();
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement :
        List.of(now, insert, inserted, known, yieldClaim, lockKeys, lockOrder, notify)) {
      statement.close();
    }
  }
}
