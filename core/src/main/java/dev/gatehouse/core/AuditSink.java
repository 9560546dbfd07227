package dev.gatehouse.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where decisions are recorded.
 *
 * <p>A sink is called by many threads at the same time, event loops above all: it must be safe for
 * them, and must neither block nor throw. Doors guard against one that throws (see {@link
 * #guarded}); the decision stands either way.
 */
@FunctionalInterface
public interface AuditSink {
  /** Records one decision; returns at once. */
  void record(AuditEvent event);

  /**
   * Whether events of that outcome are recorded at present; a door need not make those that are
   * not.
   */
  default boolean records(AuditEvent.Outcome outcome) {
    return true;
  }

  /**
   * Writes to the logger {@code gatehouse.audit}: allowed at debug, denied at info, broken at
   * error.
   */
  static AuditSink slf4j() {
    Logger logger = LoggerFactory.getLogger("gatehouse.audit");
    return new AuditSink() {
      @Override
      public void record(AuditEvent event) {
        switch (event.outcome()) {
          case ALLOWED -> logger.debug("{}", event);
          case DENIED -> logger.info("{}", event);
          case BROKEN -> logger.error("{}", event);
        }
      }

      @Override
      public boolean records(AuditEvent.Outcome outcome) {
        return switch (outcome) {
          case ALLOWED -> logger.isDebugEnabled();
          case DENIED -> logger.isInfoEnabled();
          case BROKEN -> logger.isErrorEnabled();
        };
      }
    };
  }

  /** Keeps the latest events in memory, for tests and small consoles. */
  static InMemory inMemory(int capacity) {
    return new InMemory(capacity);
  }

  /** Records nothing. */
  static AuditSink none() {
    return event -> {};
  }

  /** This sink and then the other, each guarded from the other's failure. */
  default AuditSink and(AuditSink other) {
    AuditSink first = guarded();
    AuditSink second = other.guarded();
    return new AuditSink() {
      @Override
      public void record(AuditEvent event) {
        first.record(event);
        second.record(event);
      }

      @Override
      public boolean records(AuditEvent.Outcome outcome) {
        return first.records(outcome) || second.records(outcome);
      }
    };
  }

  /**
   * This sink, with what it throws, errors too, logged instead of thrown at the door. One that
   * fails when it is asked what it records is given the event.
   */
  default AuditSink guarded() {
    Logger logger = LoggerFactory.getLogger(AuditSink.class);
    AuditSink sink = this;
    return new AuditSink() {
      @Override
      public void record(AuditEvent event) {
        try {
          sink.record(event);
        } catch (Throwable e) { // an Error too: the door must answer all the same
          logger.error(
              "an audit sink failed; an event of '{}' was not recorded", event.action(), e);
        }
      }

      @Override
      public boolean records(AuditEvent.Outcome outcome) {
        try {
          return sink.records(outcome);
        } catch (Throwable e) {
          logger.error("an audit sink failed when asked whether it records {}", outcome, e);
          return true;
        }
      }
    };
  }

  /** A ring of the latest events; safe for any thread. */
  final class InMemory implements AuditSink {
    private final int capacity;
    private final Deque<AuditEvent> events = new ArrayDeque<>();

    private InMemory(int capacity) {
      if (capacity < 1) {
        throw new IllegalArgumentException("an audit ring holds at least one event");
      }
      this.capacity = capacity;
    }

    @Override
    public synchronized void record(AuditEvent event) {
      if (events.size() == capacity) {
        events.removeFirst();
      }
      events.addLast(event);
    }

    /** The events kept, oldest first. */
    public synchronized List<AuditEvent> events() {
      return List.copyOf(events);
    }
  }
}
