package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import io.vertx.core.Promise;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Subscribers that wait for the policy's answer while more is published than their queue holds. */
class HeldSubscriberTest extends HubTest {
  private static final Principal ANN = Callers.of(ACME, "ann");
  private static final int QUEUED = 4;

  private final Promise<Decision> answer = Promise.promise();

  @Override
  protected EventLimits.Builder limits() {
    return EventLimits.builder().queue(QUEUED, 1 << 20);
  }

  @Override
  protected EventHub.Builder settings() {
    return super.settings()
        .topics(
            TopicCatalogue.of(
                TopicDeclaration.of("strict.>").build(),
                TopicDeclaration.of("loose.>").dropOldest().build()));
  }

  @BeforeEach
  void hideTheOthers() {
    policy.see =
        (principal, event) -> event.topic().endsWith(".own") ? Decision.allow() : RulesPolicy.no();
  }

  private void askAgain() {
    policy.subscribe = (principal, topics) -> answer.future();
    policy.version.incrementAndGet();
  }

  private void publishHidden(String topic) {
    for (int i = 0; i < 3 * QUEUED; i++) {
      publish(ACME, topic, "hidden" + i);
    }
  }

  @Test
  void held_whileMoreComesThanItsQueueHolds_getsItsOwnOnceAndInOrder() {
    Reader reader = Reader.of(hub, ANN, "strict.*");
    publish(ACME, "strict.own", "e0");
    reader.awaitCount(1);
    askAgain();
    publish(ACME, "strict.own", "e1");
    publishHidden("strict.other");
    publish(ACME, "strict.own", "e2");
    settle(ACME);
    assertThat(reader.subscription.ended().isComplete()).isFalse();
    assertThat(reader.subscription.queued()).isZero();

    answer.complete(Decision.allow());

    reader.awaitCount(3);
    settle(ACME);
    publish(ACME, "strict.own", "e3");
    reader.awaitCount(4);
    assertThat(reader.ids()).containsExactly("e0", "e1", "e2", "e3");
  }

  @Test
  void held_whileHiddenEventsComeOfATopicThatDropsTheOldest_losesNoneOfItsOwn() {
    Reader reader = Reader.idle(hub, ANN, SubscriptionRequest.of("loose.*"));
    publish(ACME, "loose.own", "e0");
    publish(ACME, "loose.own", "e1");
    settle(ACME);
    askAgain();
    publishHidden("loose.other");
    publish(ACME, "loose.own", "e2");
    settle(ACME);
    assertThat(reader.subscription.queued()).isEqualTo(2);

    answer.complete(Decision.allow());
    reader.subscription.request(Long.MAX_VALUE);

    reader.awaitCount(3);
    assertThat(reader.ids()).containsExactly("e0", "e1", "e2");
  }

  @Test
  void held_untilThePolicySaysNo_getsNothingOfWhatWasToBeReadAgain() {
    Reader reader = Reader.of(hub, ANN, "strict.*");
    askAgain();
    publish(ACME, "strict.own", "e0");
    publishHidden("strict.other");
    settle(ACME);

    answer.complete(RulesPolicy.no());

    assertThat(reader.end()).isEqualTo(EndReason.FORBIDDEN);
    assertThat(reader.got).isEmpty();
  }
}
