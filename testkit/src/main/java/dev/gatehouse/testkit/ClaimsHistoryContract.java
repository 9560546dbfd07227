package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.Claims;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * Plays random histories of claims on a store and holds each answer against a small model:
 * interleavings, crashes, clocks that jump.
 *
 * <p>The system property {@value #COUNT} says how many; a failure names its seed and tells its
 * story, and {@value #SEED} begins with that one.
 */
public abstract class ClaimsHistoryContract {
  /** How many histories are played. */
  public static final String COUNT = "gatehouse.histories";

  /** The seed of the first. */
  public static final String SEED = "gatehouse.histories.seed";

  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  /** For subclasses, which JUnit makes. */
  protected ClaimsHistoryContract() {}

  /**
   * Claims of two nodes on one store, on that clock, remembered for that long; the store may be
   * shared with others. Claims in one process give the same twice.
   *
   * @param source the only source that is claimed for here, and by nobody else
   */
  protected abstract List<Claims> open(String source, SimulatedClock clock, Duration retention);

  /** Called for each of the claims that were opened, when the history that used them has ended. */
  protected void done(Claims claims) {}

  /** How many histories are played unless the system property says otherwise. */
  protected abstract int usualCount();

  /** How many are played at the same time. */
  protected abstract int atATime();

  /**
   * Whether a claim that comes at the same moment as another may be told that the delivery is in
   * flight although it is not yet; false unless a store says so.
   */
  protected boolean mayCollide() {
    return false;
  }

  @Test
  void claims_anyHistory_answersAsTheModelDoes() {
    int count = Integer.getInteger(COUNT, usualCount());
    long seed = Long.getLong(SEED, 1);
    int played = 0;
    while (played < count) {
      List<Future<Void>> batch = new ArrayList<>();
      for (int i = 0; i < atATime() && played < count; i++) {
        batch.add(play(seed + played++));
      }
      await(Future.join(batch));
    }
    assertThat(played).isEqualTo(count);
  }

  private Future<Void> play(long seed) {
    SimulatedClock clock = SimulatedClock.at(START);
    String source = "s" + seed;
    List<Claims> nodes = open(source, clock, ClaimsContract.RETENTION);
    return new ClaimsHistory(seed, source, nodes, clock, mayCollide())
        .play()
        .onComplete(end -> nodes.forEach(this::done));
  }

  private static void await(Future<?> batch) {
    try {
      batch.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new AssertionError("the histories did not end within 60 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
