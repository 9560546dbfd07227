package dev.gatehouse.receiver;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What goes into one transaction. */
final class InboxBatch {
  private static final Logger LOG = LoggerFactory.getLogger(InboxBatch.class);

  private final List<InboxEntry<?>> entries;

  InboxBatch(List<InboxEntry<?>> entries) {
    this.entries = entries;
  }

  int size() {
    return entries.size();
  }

  /** What it takes of memory while it waits, about. */
  long weight() {
    long bytes = 0;
    for (InboxEntry<?> entry : entries) {
      bytes += entry.weight();
    }
    return bytes;
  }

  /** Those of its entries. */
  InboxBatch part(int from, int to) {
    return new InboxBatch(entries.subList(from, to));
  }

  /** Writes it: first the locks on what is reordered, then all that is stored, then the rest. */
  void run(InboxStatements statements) throws SQLException {
    statements.begin();
    List<Long> reordered = new ArrayList<>();
    List<InboxEntry<?>> stores = new ArrayList<>(entries.size());
    List<Incoming> deliveries = new ArrayList<>(entries.size());
    for (InboxEntry<?> entry : entries) {
      reordered.addAll(entry.reordered());
      Incoming incoming = entry.incoming();
      if (incoming != null) {
        stores.add(entry);
        deliveries.add(incoming);
      }
    }
    if (!reordered.isEmpty()) {
      statements.lockOrderOf(reordered);
    }
    if (!stores.isEmpty()) {
      List<Stored> stored = statements.store(deliveries);
      for (int i = 0; i < stores.size(); i++) {
        stores.get(i).stored(stored.get(i));
      }
    }
    for (InboxEntry<?> entry : entries) {
      if (entry.incoming() == null) {
        entry.run(statements);
      }
    }
  }

  /**
   * Tells all how it ended, by one hop for each event loop, not one for each delivery.
   *
   * @param failure null where it is on the disk
   */
  void settle(@Nullable StoreException failure) {
    IdentityHashMap<Thread, List<InboxEntry<?>>> byThread = new IdentityHashMap<>();
    for (InboxEntry<?> entry : entries) {
      byThread.computeIfAbsent(entry.thread(), t -> new ArrayList<>()).add(entry);
    }
    for (List<InboxEntry<?>> told : byThread.values()) {
      try {
        told.get(0).context().runOnContext(here -> tell(told, failure));
      } catch (RejectedExecutionException gone) {
        LOG.debug("the Vert.x of those that waited is closed: nobody is there to be told");
      }
    }
  }

  private static void tell(List<InboxEntry<?>> entries, @Nullable StoreException failure) {
    for (InboxEntry<?> entry : entries) {
      if (failure == null) {
        entry.succeed();
      } else {
        entry.fail(failure);
      }
    }
  }
}
