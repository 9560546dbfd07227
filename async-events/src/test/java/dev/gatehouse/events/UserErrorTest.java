package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditEvent.Outcome;
import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** An error of the user's code is a no for what it was asked about, and for nobody else. */
class UserErrorTest extends HubTest {
  private static final SubscriptionRequest ALL = SubscriptionRequest.of(">");

  @Override
  protected EventHub.Builder settings() {
    return super.settings().topics(TopicCatalogue.of(TopicDeclaration.of("a").audited().build()));
  }

  private static boolean isAnn(Principal principal) {
    return principal.id().equals("ann");
  }

  @Test
  void rule_thatThrowsAnErrorForOne_isItsNoAlone() {
    policy.see =
        (principal, event) -> {
          if (isAnn(principal)) {
            throw new AssertionError("a rule's own");
          }
          return Decision.allow();
        };
    Reader ann = Reader.of(hub, Callers.of(ACME, "ann"), ALL);
    Reader bob = Reader.of(hub, Callers.of(ACME, "bob"), ALL);

    publish(ACME, "a", "1");
    publish(ACME, "a", "2");

    bob.awaitCount(2);
    settle(ACME);
    assertThat(bob.ids()).containsExactly("1", "2");
    assertThat(ann.ids()).isEmpty();
    assertThat(count(Count.UNDECIDED)).isEqualTo(2);
    assertThat(audit.events())
        .filteredOn(event -> event.outcome() == Outcome.BROKEN)
        .allSatisfy(event -> assertThat(event.code()).isEqualTo("policy_failed"))
        .hasSize(2);
  }

  @Test
  void policy_thatThrowsAnErrorWhenAsked_isANoAndTheNextIsAsked() {
    policy.subscribe =
        (principal, topics) -> {
          if (isAnn(principal)) {
            throw new AssertionError("a policy's own");
          }
          return Future.succeededFuture(Decision.allow());
        };
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    assertThat(Reader.refused(ann, ALL).code()).isEqualTo(Refusal.Code.UNAVAILABLE);

    Reader bob = Reader.of(hub, Callers.of(ACME, "bob"), ALL);
    publish(ACME, "a", "1");
    bob.awaitCount(1);
  }

  @Test
  void version_thatThrowsAnError_isNone() {
    AtomicBoolean broken = new AtomicBoolean(true);
    EventPolicy versioned =
        new EventPolicy() {
          @Override
          public long version() {
            if (broken.get()) {
              throw new AssertionError("a version's own");
            }
            return 1;
          }

          @Override
          public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
            return Future.succeededFuture(Decision.allow());
          }

          @Override
          public Decision maySee(Principal principal, EventFacts event) {
            return Decision.allow();
          }
        };
    EventHub other = settings().policy(versioned).build();
    EventConnection ann = Reader.connect(other, Callers.of(ACME, "ann"));
    assertThat(Reader.refused(ann, ALL).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    broken.set(false);
    Reader.of(other, Callers.of(ACME, "bob"), ALL);
    Await.get(other.close());
  }

  @Test
  void lane_whoseWorkThrowsAnError_goesOn() {
    Lane lane = hub.state().lane(ACME);
    lane.execute(
        () -> {
          throw new AssertionError("a piece of work's own");
        });
    settle(ACME);
  }

  @Test
  void handler_thatThrowsAnError_endsItsSubscriptionAlone() {
    Reader bad = Reader.idle(hub, Callers.of(ACME, "ann"), ALL);
    Reader bob = Reader.of(hub, Callers.of(ACME, "bob"), ALL);
    bad.subscription
        .handler(
            batch -> {
              throw new AssertionError("a handler's own");
            })
        .request(Long.MAX_VALUE);

    publish(ACME, "a", "1");

    assertThat(bad.end()).isEqualTo(EndReason.UNAVAILABLE);
    publish(ACME, "a", "2");
    bob.awaitCount(2);
  }
}
