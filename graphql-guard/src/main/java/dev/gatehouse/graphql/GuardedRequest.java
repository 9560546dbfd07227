package dev.gatehouse.graphql;

import dev.gatehouse.graphql.access.AuthorizedOperation;
import dev.gatehouse.graphql.cost.ActualCost;
import dev.gatehouse.graphql.cost.CostBucket;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.execution.ExecutionContext;
import graphql.execution.instrumentation.InstrumentationContext;
import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimpleInstrumentationContext;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the guard knows of one request while it runs. */
final class GuardedRequest implements InstrumentationState {
  private final AtomicBoolean aborted = new AtomicBoolean();
  private final AtomicBoolean recorded = new AtomicBoolean();
  private volatile @Nullable AuthorizedOperation access;
  private volatile double estimate = Double.NaN;
  private volatile @Nullable EventCosts events;
  private volatile boolean hasEvents;
  private volatile @Nullable ActualCost actual;
  private volatile double actualMax = Double.POSITIVE_INFINITY;
  private volatile @Nullable Charged charged;

  /** What was taken from a bucket. */
  record Charged(CostBucket from, String key, long cost, long available) {}

  void authorized(AuthorizedOperation operation) {
    access = operation;
  }

  /** What was decided of who may; null where nothing was, or not yet. */
  @Nullable AuthorizedOperation access() {
    return access;
  }

  /** True once: an operation is recorded once, however many events it sends. */
  boolean isFirstRecord() {
    return recorded.compareAndSet(false, true);
  }

  /** Keeps the estimate; NaN until there is one. */
  void estimated(double cost) {
    estimate = cost;
  }

  double estimate() {
    return estimate;
  }

  /** Begins to count what the operation really costs, and ends it beyond a maximum. */
  void count(Supplier<ActualCost> counter, double max) {
    actual = counter.get();
    actualMax = max;
    events = new EventCosts(counter);
  }

  /** An event of a subscription begins. */
  InstrumentationContext<ExecutionResult> beginEvent() {
    EventCosts costs = events;
    hasEvents = true;
    return costs == null ? SimpleInstrumentationContext.noOp() : costs.begin();
  }

  /** Whether anything is counted; asked at each field, before anything else is. */
  boolean isCounted() {
    return actual != null;
  }

  /** What the execution has cost so far that asks: an event's, where it is one's. */
  @Nullable ActualCost actual(ExecutionContext context) {
    EventCosts costs = events;
    ActualCost ofEvent = costs == null || !hasEvents ? null : costs.of(context);
    return ofEvent == null ? actual : ofEvent;
  }

  /** What this result has cost, where that is known. */
  @Nullable ActualCost actual(ExecutionResult result) {
    EventCosts costs = events;
    return costs == null || !hasEvents ? actual : costs.of(result);
  }

  @Nullable ActualCost actual() {
    return actual;
  }

  /** Ends the execution if it has cost too much; what waits for its turn does not run. */
  void check(ActualCost cost, ExecutionContext context) {
    if (cost.charge() > actualMax && aborted.compareAndSet(false, true)) {
      ExecutionInput input = context.getExecutionInput();
      input.cancel();
    }
  }

  boolean isAborted() {
    return aborted.get();
  }

  void charged(Charged value) {
    charged = value;
  }

  @Nullable Charged charged() {
    return charged;
  }
}
