package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Whom a gap in a tenant's log concerns: what the log says of each pattern that is subscribed to.
 *
 * <p>Where it was not asked, or did not say, it concerns them: a gap too many is better than a loss
 * that nobody is told of.
 */
final class Losses {
  // Whoever subscribes to more patterns than these gets gaps too many, and makes no log dear.
  private static final int MOST = 64;
  private static final Losses NONE = new Losses(false, Map.of());

  private final boolean unlessAsked;
  private final Map<TopicPattern, Future<Boolean>> answers;

  private Losses(boolean unlessAsked, Map<TopicPattern, Future<Boolean>> answers) {
    this.unlessAsked = unlessAsked;
    this.answers = answers;
  }

  static Losses none() {
    return NONE;
  }

  static Losses ask(EventLog log, TenantId tenant, Position after, Stream<TopicPattern> topics) {
    List<TopicPattern> asked = topics.distinct().limit(MOST + 1).toList();
    Map<TopicPattern, Future<Boolean>> answers = new HashMap<>();
    if (asked.size() <= MOST) {
      asked.forEach(each -> answers.put(each, log.hasLost(tenant, each, after)));
    }
    return new Losses(true, answers);
  }

  boolean areKnown() {
    return answers.values().stream().allMatch(Future::isComplete);
  }

  void whenKnown(Runnable then) {
    Future.join(List.copyOf(answers.values())).onComplete(done -> then.run());
  }

  boolean mayBeOf(TopicPattern topics) {
    Future<Boolean> answer = answers.get(topics);
    return answer == null ? unlessAsked : !Boolean.FALSE.equals(answer.result());
  }
}
