package dev.gatehouse.graphql.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.access.PolicyQuestion.Facts;
import dev.gatehouse.graphql.access.PolicyQuestion.Read;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How policies are asked: once an operation, within a time, and, if that is wanted, not again for
 * the same caller while everything that the answer was read from is the same.
 *
 * <pre>{@code
 * Policies policies = Policies.of(decisionPoint).timeout(Duration.ofMillis(500));
 * }</pre>
 */
public final class Policies {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  // ways to read of one policy; more are asked about again
  private static final int MAX_SHAPES = 8;

  private final PolicyDecisionPoint point;
  private final Duration timeout;
  private final @Nullable Kept kept;

  private Policies(PolicyDecisionPoint point, Duration timeout, @Nullable Kept kept) {
    this.point = point;
    this.timeout = timeout;
    this.kept = kept;
  }

  /** Asks the decision point, for at most 2 seconds, and keeps nothing. */
  public static Policies of(PolicyDecisionPoint point) {
    return new Policies(point, TIMEOUT, null);
  }

  /** No policies: whatever one guards is refused. */
  static Policies none() {
    return of(PolicyDecisionPoint.of(Map.of()));
  }

  /** How long an answer may take; what comes later is a denial. */
  public Policies timeout(Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("policies need some time to answer");
    }
    return new Policies(point, value, kept);
  }

  /**
   * Keeps decisions for a while: for the same caller, of the same tenant, with the same of
   * everything that was read, under the same version of the policies. What broke is not kept.
   */
  public Policies cache(int maxDecisions, Duration ttl, InstantSource clock) {
    return new Policies(point, timeout, new Kept(maxDecisions, ttl, clock));
  }

  /** How long an answer may take. */
  Duration timeout() {
    return timeout;
  }

  String version() {
    return point.version();
  }

  /**
   * What policies said.
   *
   * @param allowed those that allow
   * @param broken those that could not be decided
   */
  record Answer(Set<String> allowed, Set<String> broken) {
    static final Answer NONE = new Answer(Set.of(), Set.of());
  }

  /** Asks; never fails. */
  CompletableFuture<Answer> ask(Set<String> names, Facts facts) {
    if (names.isEmpty()) {
      return CompletableFuture.completedFuture(Answer.NONE);
    }
    Set<String> allowed = new HashSet<>();
    Set<String> open = new HashSet<>();
    String version = point.version();
    for (String name : names) {
      Boolean known = kept == null ? null : kept.find(name, version, facts);
      if (known == null) {
        open.add(name);
      } else if (known) {
        allowed.add(name);
      }
    }
    if (open.isEmpty()) {
      return CompletableFuture.completedFuture(new Answer(allowed, Set.of()));
    }
    PolicyQuestion question = new PolicyQuestion(open, facts);
    return decided(question)
        .handle((decisions, failure) -> answer(question, decisions, allowed, version, facts));
  }

  private CompletableFuture<Map<String, Decision>> decided(PolicyQuestion question) {
    Future<Map<String, Decision>> asked;
    try {
      asked = point.decide(question);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (isMissing(asked)) {
      return CompletableFuture.failedFuture(new IllegalStateException("no answer"));
    }
    CompletableFuture<Map<String, Decision>> answer =
        asked.toCompletionStage().toCompletableFuture();
    return answer.isDone()
        ? answer
        : answer.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  // what others write may return null whatever it promises
  private static boolean isMissing(@Nullable Object answer) {
    return answer == null;
  }

  private Answer answer(
      PolicyQuestion question,
      @Nullable Map<String, Decision> decisions,
      Set<String> allowed,
      String version,
      Facts facts) {
    if (decisions == null) {
      return new Answer(allowed, question.policies());
    }
    Set<String> broken = new HashSet<>(question.broken());
    Map<Read, Object> reads = question.reads();
    for (String name : question.policies()) {
      Decision decision = decisions.get(name);
      if (decision == null) {
        broken.add(name);
      }
      if (broken.contains(name) || decision == null) {
        continue;
      }
      if (decision.isAllowed()) {
        allowed.add(name);
      }
      // a policy that changed while it was asked says nothing of what holds now
      if (kept != null && version.equals(point.version())) {
        kept.keep(name, version, facts, reads, decision.isAllowed());
      }
    }
    return new Answer(allowed, broken);
  }

  /** Decisions by all that they were read from. */
  private static final class Kept {
    private final Cache<Key, Boolean> decisions;
    private final Cache<String, List<Set<Read>>> shapes;
    private final InstantSource clock;

    Kept(int maxDecisions, Duration ttl, InstantSource clock) {
      this.clock = clock;
      this.decisions =
          Caffeine.newBuilder()
              .maximumSize(maxDecisions)
              .expireAfterWrite(ttl)
              .ticker(this::nanos)
              .executor(Runnable::run)
              .build();
      this.shapes = Caffeine.newBuilder().maximumSize(maxDecisions).executor(Runnable::run).build();
    }

    private long nanos() {
      Instant now = clock.instant();
      return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    private record Key(String policy, String version, Who who, Map<Read, Object> reads) {}

    private record Who(
        Optional<Principal.Kind> kind,
        Optional<String> id,
        Optional<String> voucher,
        Optional<TenantId> tenant) {
      static Who of(Optional<Principal> caller) {
        return new Who(
            caller.map(Principal::kind),
            caller.map(Principal::id),
            caller.map(Principal::voucher),
            caller.flatMap(Principal::tenant));
      }
    }

    @Nullable Boolean find(String policy, String version, Facts facts) {
      for (Set<Read> shape : shapesOf(policy)) {
        Map<Read, Object> reads = PolicyQuestion.reread(shape, facts);
        Boolean known =
            decisions.getIfPresent(new Key(policy, version, Who.of(facts.caller()), reads));
        if (known != null) {
          return known;
        }
      }
      return null;
    }

    private List<Set<Read>> shapesOf(String policy) {
      List<Set<Read>> known = shapes.getIfPresent(policy);
      return known == null ? List.of() : known;
    }

    void keep(
        String policy, String version, Facts facts, Map<Read, Object> reads, boolean isAllowed) {
      List<Set<Read>> known = shapesOf(policy);
      Set<Read> shape = reads.keySet();
      if (!known.contains(shape)) {
        if (known.size() >= MAX_SHAPES) {
          return;
        }
        List<Set<Read>> more = new java.util.ArrayList<>(known);
        more.add(shape);
        shapes.put(policy, List.copyOf(more));
      }
      decisions.put(new Key(policy, version, Who.of(facts.caller()), reads), isAllowed);
    }
  }
}
