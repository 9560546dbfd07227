package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Decision;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Policies in Java; one that breaks denies itself and no other. */
final class JavaPolicies implements PolicyDecisionPoint {
  private final Map<String, JavaPolicy> policies;

  JavaPolicies(Map<String, JavaPolicy> policies) {
    this.policies = Map.copyOf(policies);
  }

  @Override
  public Future<Map<String, Decision>> decide(PolicyQuestion question) {
    Map<String, Future<Decision>> asked = new HashMap<>();
    for (String name : question.policies()) {
      JavaPolicy policy = policies.get(name);
      if (policy != null) {
        asked.put(name, ask(policy, question));
      }
    }
    List<Future<Decision>> all = new ArrayList<>(asked.values());
    return Future.join(all)
        .transform(
            done -> {
              Map<String, Decision> decided = new HashMap<>();
              asked.forEach(
                  (name, answer) -> {
                    if (answer.succeeded() && answer.result() != null) {
                      decided.put(name, answer.result());
                    } else {
                      question.broken(name);
                    }
                  });
              return Future.succeededFuture(decided);
            });
  }

  @SuppressWarnings("ConstantValue") // what others write may return null
  private static Future<Decision> ask(JavaPolicy policy, PolicyQuestion question) {
    try {
      Future<Decision> answer = policy.decide(question);
      return answer == null ? Future.failedFuture("a policy returned nothing") : answer;
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
