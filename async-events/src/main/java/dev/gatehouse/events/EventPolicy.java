package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;

/**
 * Says who may subscribe to what, which events they may see, and which fields of them.
 *
 * <p>It only ever narrows: the tenant is settled before it is asked, and no answer of it reaches
 * another tenant's events. What is not an {@link Decision.Allow} is a no, and so is an answer that
 * is null, an exception or error, or one that comes too late.
 *
 * <p>{@link #maySee} and {@link #mask} are asked on an event loop and answer at once, from memory;
 * they depend on the principal, on what they read of the event, and on what {@link #version} stands
 * for, and on nothing else: their answers are kept under these three.
 */
public interface EventPolicy {
  /**
   * The version of everything that the rules depend on beside the principal and the event (roles,
   * relations, configuration). When it changes, kept answers are dropped, live subscriptions are
   * asked for anew, and what is queued for them is decided anew. Read often: it must cost nothing.
   */
  default long version() {
    return 0;
  }

  /** Whether the principal may subscribe to these topics of its own tenant. */
  Future<Decision> maySubscribe(Principal principal, TopicPattern topics);

  /** Whether the principal may see this event. */
  Decision maySee(Principal principal, EventFacts event);

  /** Which fields of an event that it may see are hidden from the principal. */
  default Mask mask(Principal principal, EventFacts event) {
    return Mask.none();
  }

  /**
   * Every principal sees every event of its tenant, whole. For services whose tenants have no
   * secrets within themselves.
   */
  static EventPolicy everyoneOfTheTenant() {
    return new EventPolicy() {
      @Override
      public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
        return Future.succeededFuture(Decision.allow());
      }

      @Override
      public Decision maySee(Principal principal, EventFacts event) {
        return Decision.allow();
      }
    };
  }
}
