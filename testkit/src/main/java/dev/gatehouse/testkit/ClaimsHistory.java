package dev.gatehouse.testkit;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One random history of one delivery, made up from a seed and played on a store.
 *
 * <p>Several nodes claim, complete and release, rightly and with fences that are past; crash, and
 * know nothing of what they asked for; ask at the same time; and the clock jumps, onto the moments
 * that count and a millisecond to either side of them, and back. Each answer must be one that
 * {@link ClaimsModel} allows, for calls at the same time in some order of them.
 */
final class ClaimsHistory {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration LONG_LEASE = Duration.ofSeconds(45);
  private static final List<Duration> JUMPS =
      List.of(
          Duration.ofMillis(1),
          Duration.ofMillis(-1),
          LEASE,
          LEASE.minusMillis(1),
          LONG_LEASE,
          LONG_LEASE.minusMillis(1),
          Duration.ofSeconds(15),
          Duration.ofSeconds(-20),
          Duration.ofHours(-2),
          ClaimsContract.RETENTION,
          ClaimsContract.RETENTION.minusMillis(1),
          ClaimsContract.RETENTION.minus(LEASE));
  private static final List<ClaimAnswer> ANSWERS =
      List.of(
          ClaimAnswer.of(204),
          ClaimAnswer.of(200),
          new ClaimAnswer(201, Map.of("Content-Type", "text/plain", "Location", "/orders/ä")));

  /** What one node does; its answer is lost where it crashes while it waits. */
  private record Call(
      int node,
      boolean claims,
      int content,
      long fence,
      @Nullable ClaimAnswer answer,
      Duration lease,
      boolean lost) {}

  private record Told(Call call, @Nullable Object answer) {}

  private final long seed;
  private final Random random;
  private final List<Claims> nodes;
  private final SimulatedClock clock;
  private final boolean mayCollide;
  private final ClaimKey key;
  private final List<Long> fences = new ArrayList<>();
  private final List<String> script = new ArrayList<>();
  private Set<ClaimsModel> possible = Set.of(ClaimsModel.fresh());

  /**
   * A history.
   *
   * @param source of this history alone
   * @param nodes claims on one store, each call by one of them
   * @param mayCollide whether a claim may be told that the delivery is in flight for no better
   *     reason than that another asked for it at that moment
   */
  ClaimsHistory(
      long seed, String source, List<Claims> nodes, SimulatedClock clock, boolean mayCollide) {
    this.seed = seed;
    this.random = new Random(seed);
    this.nodes = nodes;
    this.clock = clock;
    this.mayCollide = mayCollide;
    this.key = ClaimKey.of("acme", source, new byte[] {1});
  }

  /** Plays it; fails with an {@link AssertionError} that tells the whole story. */
  Future<Void> play() {
    return step(4 + random.nextInt(9));
  }

  private Future<Void> step(int left) {
    if (left == 0) {
      return Future.succeededFuture();
    }
    if (random.nextInt(4) == 0) {
      Duration jump = JUMPS.get(random.nextInt(JUMPS.size()));
      script.add("clock " + jump);
      clock.advance(jump);
      return step(left - 1);
    }
    int together = random.nextInt(5) == 0 ? 2 + random.nextInt(2) : 1;
    List<Call> calls = IntStream.range(0, together).mapToObj(i -> makeUp()).toList();
    List<Future<Object>> answers = calls.stream().map(this::make).toList();
    return Future.join(answers)
        .compose(
            all -> {
              judge(calls, answers);
              return step(left - 1);
            });
  }

  private Call makeUp() {
    int node = random.nextInt(nodes.size());
    boolean lost = random.nextInt(8) == 0;
    if (fences.isEmpty() || random.nextInt(5) < 2) {
      Duration lease = random.nextBoolean() ? LEASE : LONG_LEASE;
      return new Call(node, true, random.nextInt(6) == 0 ? 1 : 0, 0, null, lease, lost);
    }
    // mostly the last that was told, now and then one that is past
    int back = random.nextInt(3) == 0 ? random.nextInt(fences.size()) : 0;
    long fence = fences.get(fences.size() - 1 - back);
    ClaimAnswer answer =
        random.nextInt(3) == 0 ? null : ANSWERS.get(random.nextInt(ANSWERS.size()));
    return new Call(node, false, 0, fence, answer, LEASE, lost);
  }

  private Future<Object> make(Call call) {
    Claims claims = nodes.get(call.node());
    if (call.claims()) {
      byte[] content = ByteBuffer.allocate(32).putInt(call.content()).array();
      return claims.claim(key, Fingerprint.of(content), call.lease()).map(claim -> claim);
    }
    return call.answer() == null
        ? claims.release(key, call.fence()).map(released -> released)
        : claims.complete(key, call.fence(), call.answer()).map(completed -> completed);
  }

  private void judge(List<Call> calls, List<Future<Object>> answers) {
    List<Told> told = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      Object answer = answers.get(i).result();
      script.add((i == 0 ? "" : "  with ") + call + " -> " + answer);
      told.add(new Told(call, call.lost() ? null : answer));
      if (!call.lost() && answer instanceof Claim.New fresh) {
        fences.add(fresh.fence());
      }
    }
    Set<ClaimsModel> next = new LinkedHashSet<>();
    boolean collisions = mayCollide && calls.size() > 1;
    possible.forEach(model -> inAnyOrder(model, told, collisions, next));
    if (next.isEmpty()) {
      throw new AssertionError(
          "history "
              + seed
              + " has an answer that is not allowed:\n"
              + String.join("\n", script)
              + "\nin one of "
              + possible);
    }
    possible = next;
  }

  private void inAnyOrder(
      ClaimsModel model, List<Told> left, boolean collisions, Set<ClaimsModel> ends) {
    if (left.isEmpty()) {
      ends.add(model);
      return;
    }
    for (int first = 0; first < left.size(); first++) {
      List<Told> others = new ArrayList<>(left);
      Told told = others.remove(first);
      for (ClaimsModel next : after(model, told, collisions)) {
        inAnyOrder(next, others, collisions, ends);
      }
    }
  }

  private Set<ClaimsModel> after(ClaimsModel model, Told told, boolean collisions) {
    Set<ClaimsModel> next = new LinkedHashSet<>();
    ClaimsModel judged = told.call().claims() ? claimed(model, told) : ended(model, told);
    if (judged != null) {
      next.add(judged);
    }
    // an answer that was lost may have been that one, too
    boolean inFlight = told.answer() == null || told.answer() instanceof Claim.InFlight;
    if (collisions && told.call().claims() && inFlight) {
      next.add(model);
    }
    return next;
  }

  private @Nullable ClaimsModel claimed(ClaimsModel model, Told told) {
    Call call = told.call();
    return model.claimed(call.content(), call.lease(), clock.instant(), (Claim) told.answer());
  }

  private @Nullable ClaimsModel ended(ClaimsModel model, Told told) {
    Call call = told.call();
    return model.ended(
        call.fence(),
        call.answer(),
        ClaimsContract.RETENTION,
        clock.instant(),
        (Boolean) told.answer());
  }
}
