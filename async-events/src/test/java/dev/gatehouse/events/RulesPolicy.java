package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

/** A policy whose rules a test sets, and which counts how often it is asked. */
final class RulesPolicy implements EventPolicy {
  final AtomicLong version = new AtomicLong(1);
  final AtomicInteger asked = new AtomicInteger();
  volatile BiFunction<Principal, TopicPattern, Future<Decision>> subscribe =
      (principal, topics) -> Future.succeededFuture(Decision.allow());
  volatile BiFunction<Principal, EventFacts, Decision> see = (principal, event) -> Decision.allow();
  volatile BiFunction<Principal, EventFacts, Mask> mask = (principal, event) -> Mask.none();

  static Decision no() {
    return Decision.deny("forbidden", "no");
  }

  @Override
  public long version() {
    return version.get();
  }

  @Override
  public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
    return subscribe.apply(principal, topics);
  }

  @Override
  public Decision maySee(Principal principal, EventFacts event) {
    asked.incrementAndGet();
    return see.apply(principal, event);
  }

  @Override
  public Mask mask(Principal principal, EventFacts event) {
    return mask.apply(principal, event);
  }
}
