package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.PolicyDesk.Answer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyDeskTest {
  private static final TopicPattern ALL = TopicPattern.of(">");
  private static final int MANY = 1_000;

  /** Answers when it is told to. */
  private static final class SlowPolicy implements EventPolicy {
    private final Deque<Promise<Decision>> open = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();

    @Override
    public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
      Promise<Decision> answer = Promise.promise();
      open.add(answer);
      asked.add(principal.id());
      return answer.future();
    }

    @Override
    public Decision maySee(Principal principal, EventFacts event) {
      return Decision.allow();
    }

    private void answerOldest() {
      open.remove().complete(Decision.allow());
    }
  }

  private final SlowPolicy policy = new SlowPolicy();
  private final PolicyDesk desk = new PolicyDesk(policy, Duration.ofHours(1), MANY);

  private List<Future<Answer>> ask(TenantId tenant, String who, int times) {
    List<Future<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      answers.add(desk.maySubscribe(tenant, Callers.of(tenant, who), ALL));
    }
    return answers;
  }

  @Test
  void questions_ofATenantWhoseAnswersAreSlow_delayNoOtherTenant() {
    ask(ACME, "slow", MANY);
    assertThat(policy.asked).hasSize(PolicyDesk.AT_A_TIME_OF_A_TENANT);

    ask(GLOBEX, "quick", 1);

    assertThat(policy.asked).last().isEqualTo("quick");
  }

  @Test
  void questions_ofSeveralTenants_takeTurns() {
    ask(ACME, "a", MANY);
    ask(GLOBEX, "b", MANY);
    ask(TenantId.of("initech"), "c", MANY);
    int full = PolicyDesk.AT_A_TIME;
    assertThat(policy.asked).hasSize(full);

    for (int i = 0; i < 30; i++) {
      policy.answerOldest();
    }

    // The oldest are all of the first, which has half of the places, as has the second.
    assertThat(policy.asked.subList(full, full + 30)).filteredOn("c"::equals).hasSize(15);
    assertThat(policy.asked.subList(full, full + 30)).filteredOn("a"::equals).hasSize(15);
  }

  @Test
  void questions_answered_areAllAskedInTheirOrderAndLeaveNothingBehind() {
    List<Future<Answer>> answers = new ArrayList<>(ask(ACME, "a", MANY));
    answers.addAll(ask(GLOBEX, "b", MANY));
    while (!policy.open.isEmpty()) {
      policy.answerOldest();
    }

    assertThat(answers).allSatisfy(each -> assertThat(each.result()).isEqualTo(Answer.YES));
    assertThat(policy.asked).hasSize(2 * MANY);
    assertThat(desk.tenants()).isZero();
  }

  @Test
  void questions_moreThanMayWait_haveNoAnswer() {
    List<Future<Answer>> waiting = ask(ACME, "a", PolicyDesk.AT_A_TIME_OF_A_TENANT + MANY);
    assertThat(waiting).noneMatch(Future::isComplete);

    assertThat(ask(ACME, "a", 1).get(0).result()).isEqualTo(Answer.NONE);
    assertThat(ask(GLOBEX, "b", 1).get(0).isComplete()).isFalse();
  }
}
