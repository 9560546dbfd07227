package dev.gatehouse.receiver;

import io.vertx.core.Future;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/** What a start has opened, so that all of it is closed again if the start fails after that. */
final class Opened {
  private final Deque<Supplier<Future<Void>>> closings = new ConcurrentLinkedDeque<>();

  /** Was opened, and is closed like that. */
  void add(Supplier<Future<Void>> closing) {
    closings.push(closing);
  }

  /** Closes all of it, the last first; one that does not close keeps no other open. */
  Future<Void> close() {
    Future<Void> closed = Future.succeededFuture();
    for (Supplier<Future<Void>> closing : closings) {
      closed = closed.eventually(closing);
    }
    return closed;
  }
}
