package dev.gatehouse.graphql.http;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells an observer; one that throws changes nothing of what it is told of. */
final class GuardedObserver implements OperationObserver {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedService.class);

  private final OperationObserver observer;
  private final AtomicBoolean hasFailed = new AtomicBoolean();

  GuardedObserver(OperationObserver observer) {
    this.observer = observer;
  }

  @Override
  public void answered(Answered operation) {
    tell(told -> told.answered(operation));
  }

  @Override
  public void connections(Transport transport, int change) {
    tell(told -> told.connections(transport, change));
  }

  @Override
  public void eventSent(Transport transport) {
    tell(told -> told.eventSent(transport));
  }

  private void tell(Consumer<OperationObserver> call) {
    try {
      call.accept(observer);
    } catch (RuntimeException | Error e) {
      // once: clients choose how often an observer is called
      if (hasFailed.compareAndSet(false, true)) {
        LOG.warn("an observer of operations failed, and may fail again", e);
      }
    }
  }
}
