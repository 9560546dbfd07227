package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.ActualCost;
import graphql.ExecutionResult;
import graphql.execution.ExecutionContext;
import graphql.execution.instrumentation.InstrumentationContext;
import graphql.execution.instrumentation.SimpleInstrumentationContext;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What each event of a subscription costs: an event is an execution of its own, and several may be
 * under way at once.
 */
final class EventCosts {
  private final Supplier<ActualCost> counter;
  // an event begins on the thread on which its execution asks first
  private final Map<Thread, ActualCost> begun = new ConcurrentHashMap<>();
  private final Set<ActualCost> underWay = ConcurrentHashMap.newKeySet();
  private final Map<ExecutionContext, ActualCost> running =
      Collections.synchronizedMap(new WeakHashMap<>());
  private final Map<ExecutionResult, ActualCost> ended =
      Collections.synchronizedMap(new WeakHashMap<>());

  EventCosts(Supplier<ActualCost> counter) {
    this.counter = counter;
  }

  InstrumentationContext<ExecutionResult> begin() {
    ActualCost cost = counter.get();
    begun.put(Thread.currentThread(), cost);
    underWay.add(cost);
    return SimpleInstrumentationContext.whenCompleted(
        (result, failure) -> {
          underWay.remove(cost);
          if (result != null) {
            ended.put(result, cost);
          }
        });
  }

  /** The cost of the event that is executed there; null where it is the subscribing itself. */
  @Nullable ActualCost of(ExecutionContext context) {
    ActualCost known = running.get(context);
    if (known != null) {
      return known;
    }
    ActualCost first = begun.remove(Thread.currentThread());
    if (first != null) {
      running.put(context, first);
    }
    return first;
  }

  /**
   * The cost of the event that this came of; null where several are under way and the engine has
   * not said yet which of them it was.
   */
  @Nullable ActualCost of(ExecutionResult result) {
    ActualCost known = ended.remove(result);
    if (known != null) {
      return known;
    }
    Iterator<ActualCost> open = underWay.iterator();
    ActualCost only = open.hasNext() ? open.next() : null;
    return open.hasNext() ? null : only;
  }
}
