package dev.gatehouse.receiver;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A piece of work that waits to be written, and whom to tell how it ended. */
final class InboxEntry<T extends @Nullable Object> {
  private final InboxWriter.Work<T> work;
  private final @Nullable Incoming incoming;
  private final List<Long> reordered;
  private final int weight;
  private final Promise<T> promise = Promise.promise();
  private final Context context;
  private final Thread thread;
  private @Nullable T result;

  InboxEntry(InboxWriter.Work<T> work, int weight, Context context) {
    this(work, null, List.of(), weight, context);
  }

  /**
   * A delivery that came from outside, or work of our own.
   *
   * @param incoming the delivery; what is stored together is written by one statement
   * @param reordered the deliveries that it may take out of, or put into, their keys' order
   */
  InboxEntry(
      InboxWriter.Work<T> work,
      @Nullable Incoming incoming,
      List<Long> reordered,
      Context context) {
    this(work, incoming, reordered, incoming == null ? 0 : incoming.weight(), context);
  }

  private InboxEntry(
      InboxWriter.Work<T> work,
      @Nullable Incoming incoming,
      List<Long> reordered,
      int weight,
      Context context) {
    this.work = work;
    this.incoming = incoming;
    this.reordered = reordered;
    this.weight = weight;
    this.context = context;
    this.thread = Thread.currentThread();
  }

  @Nullable Incoming incoming() {
    return incoming;
  }

  List<Long> reordered() {
    return reordered;
  }

  /** What it takes of memory while it waits, about. */
  int weight() {
    return weight;
  }

  /** Where its future ends. */
  Context context() {
    return context;
  }

  /** Who submitted it: what one thread submitted is told together. */
  Thread thread() {
    return thread;
  }

  Future<T> future() {
    return promise.future();
  }

  void run(InboxStatements statements) throws SQLException {
    result = work.run(statements);
  }

  @SuppressWarnings("unchecked") // what came with an Incoming was submitted as InboxEntry<Stored>
  void stored(Stored stored) {
    result = (T) stored;
  }

  @SuppressWarnings("NullAway") // T itself says whether null is a result
  void succeed() {
    promise.tryComplete(result);
  }

  void fail(StoreException failure) {
    promise.tryFail(failure);
  }
}
