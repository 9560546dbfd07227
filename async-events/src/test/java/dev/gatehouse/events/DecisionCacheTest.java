package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class DecisionCacheTest {
  private final RulesPolicy policy = new RulesPolicy();
  private final Decisions all = new Decisions(policy);
  private final DecisionCache cache = all.take(Callers.of(Callers.ACME, "ann"));

  private static Event event(String topic, String owner, String state) {
    return Event.builder(topic)
        .tenant(Callers.ACME)
        .attribute("owner", owner)
        .data(EventData.json(new JsonObject().put("state", state)))
        .build();
  }

  private boolean seen(Event event, long version) {
    return cache.rule(event, version, 0).isSeen();
  }

  @Test
  void rule_forEventsThatAgreeInWhatItRead_isAskedOnce() {
    policy.see =
        (principal, event) ->
            event.text("owner").equals(java.util.Optional.of(principal.id()))
                ? Decision.allow()
                : RulesPolicy.no();
    for (int i = 0; i < 100; i++) {
      assertThat(seen(event("t" + i % 7, "ann", "s" + i), 1)).isTrue();
      assertThat(seen(event("t" + i % 7, "bob", "s" + i), 1)).isFalse();
    }
    assertThat(policy.asked).hasValue(2);
  }

  @Test
  void rule_thatReadsMoreForSomeValues_isKeptByAllThatItRead() {
    policy.see =
        (principal, event) -> {
          if (event.topic().equals("public")) {
            return Decision.allow();
          }
          boolean own = event.text("owner").equals(java.util.Optional.of("ann"));
          return own && event.text("data.state").equals(java.util.Optional.of("open"))
              ? Decision.allow()
              : RulesPolicy.no();
        };
    for (int i = 0; i < 10; i++) {
      assertThat(seen(event("public", "bob", "shut"), 1)).isTrue();
      assertThat(seen(event("private", "ann", "open"), 1)).isTrue();
      assertThat(seen(event("private", "ann", "shut"), 1)).isFalse();
      assertThat(seen(event("private", "bob", "open"), 1)).isFalse();
    }
    assertThat(policy.asked).hasValue(4);
  }

  @Test
  void version_thatChanges_dropsWhatIsKept() {
    assertThat(seen(event("a", "ann", "s"), 1)).isTrue();
    policy.see = (principal, event) -> RulesPolicy.no();
    assertThat(seen(event("a", "ann", "s"), 1)).isTrue();
    assertThat(seen(event("a", "ann", "s"), 2)).isFalse();
  }

  @Test
  void answer_olderThanHalfAMinute_isAskedForAgain() {
    Event event = event("a", "ann", "s");
    cache.rule(event, 1, 0);
    cache.rule(event, 1, TimeUnit.SECONDS.toNanos(30));
    assertThat(policy.asked).hasValue(1);
    cache.rule(event, 1, TimeUnit.SECONDS.toNanos(31));
    assertThat(policy.asked).hasValue(2);
  }

  @Test
  void rule_thatIsSlowAgainAndAgain_isANoAndRestsForAWhile() {
    policy.see =
        (principal, event) -> {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(210));
          return Decision.allow();
        };
    long begin = System.nanoTime();
    for (int i = 0; i < 1_000; i++) {
      assertThat(cache.rule(event("t" + i, "ann", "s"), 1, 0).kind()).isEqualTo(Ruling.Kind.BROKEN);
    }
    // Where the machine pauses for longer than a rest, the rule is asked once more after each rest.
    long rests = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    assertThat(policy.asked.get()).isBetween(3, 3 + (int) rests);
    assertThat(rests).isLessThan(30);
  }

  @Test
  void rule_thatThrowsOrIsNull_isANoAndNotKept() {
    policy.see =
        (principal, event) -> {
          throw new IllegalStateException();
        };
    assertThat(cache.rule(event("a", "ann", "s"), 1, 0).kind()).isEqualTo(Ruling.Kind.BROKEN);
    policy.see = (principal, event) -> null;
    assertThat(cache.rule(event("a", "ann", "s"), 1, 0).kind()).isEqualTo(Ruling.Kind.BROKEN);
    policy.see = (principal, event) -> Decision.allow();
    assertThat(seen(event("a", "ann", "s"), 1)).isTrue();
  }

  @Test
  void ruleOrMask_thatThrowsAnError_isANoAndNotKept() {
    policy.see =
        (principal, event) -> {
          throw new AssertionError();
        };
    assertThat(cache.rule(event("a", "ann", "s"), 1, 0).kind()).isEqualTo(Ruling.Kind.BROKEN);
    policy.see = (principal, event) -> Decision.allow();
    policy.mask =
        (principal, event) -> {
          throw new OutOfMemoryError();
        };
    assertThat(cache.rule(event("a", "ann", "s"), 1, 0).kind()).isEqualTo(Ruling.Kind.BROKEN);
    policy.mask = (principal, event) -> Mask.none();
    assertThat(seen(event("a", "ann", "s"), 1)).isTrue();
  }

  @Test
  void rule_thatReadsAFieldThatIsNone_isANo() {
    policy.see =
        (principal, event) -> {
          event.text("tenant");
          return Decision.allow();
        };
    assertThat(cache.rule(event("a", "ann", "s"), 1, 0).kind()).isEqualTo(Ruling.Kind.BROKEN);
  }

  @Test
  void cache_ofEverNewValues_isBounded() {
    policy.see =
        (principal, event) -> event.text("owner").isPresent() ? Decision.allow() : RulesPolicy.no();
    for (int i = 0; i < 100_000; i++) {
      assertThat(seen(event("a", "o" + i, "s"), 1)).isTrue();
      assertThat(cache.size()).isLessThanOrEqualTo(600);
    }
  }

  @Test
  void principals_thatDifferInAnythingARuleCanSee_shareNothing() {
    DecisionCache one = all.take(Callers.of(Callers.ACME, "ann", "a"));
    assertThat(all.take(Callers.of(Callers.ACME, "ann", "a"))).isSameAs(one);
    assertThat(all.take(Callers.of(Callers.ACME, "ann", "b"))).isNotSameAs(one);
    assertThat(all.take(Callers.of(Callers.GLOBEX, "ann", "a"))).isNotSameAs(one);
    assertThat(all.take(Callers.of(Callers.ACME, "bob", "a"))).isNotSameAs(one);
    Principal claims =
        Callers.user("ann")
            .tenant(Callers.ACME)
            .scopes(java.util.Set.of("a"))
            .claims(Map.of("role", "x"))
            .build();
    assertThat(all.take(claims)).isNotSameAs(one);
  }

  /** Random rules over random events: what is kept is what the rule would say. */
  @Test
  void cache_anyPureRule_saysWhatTheRuleSays() {
    Random random = new Random(9);
    for (int round = 0; round < 200; round++) {
      int seed = random.nextInt();
      policy.see = (principal, event) -> randomRule(seed, event);
      for (int i = 0; i < 200; i++) {
        Event event =
            event("t" + random.nextInt(3), "o" + random.nextInt(3), "s" + random.nextInt(3));
        boolean expected = randomRule(seed, new TracedFacts(event)).isAllowed();
        assertThat(seen(event, round + 10L)).isEqualTo(expected);
      }
    }
  }

  private static Decision randomRule(int seed, EventFacts facts) {
    Random random = new Random(seed);
    int state = random.nextInt(100);
    for (int i = 0; i < 3; i++) {
      String value =
          switch (Math.floorMod(state + random.nextInt(3), 3)) {
            case 0 -> facts.topic();
            case 1 -> facts.text("owner").orElse("");
            default -> facts.text("data.state").orElse("");
          };
      state = state * 31 + value.hashCode();
      if (state % 4 == 0) {
        return Decision.allow();
      }
    }
    return state % 2 == 0 ? Decision.allow() : RulesPolicy.no();
  }
}
