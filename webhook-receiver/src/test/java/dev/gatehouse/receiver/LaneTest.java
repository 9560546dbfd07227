package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.receiver.Sink.Answer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaneTest {
  private static final Deliver DELIVER =
      new Deliver(
          new Deliver.Url(URI.create("http://127.0.0.1/"), true),
          Optional.empty(),
          Duration.ofSeconds(30),
          new RetrySchedule(5, Duration.ofHours(1), Duration.ofHours(1)),
          1,
          Optional.empty(),
          Circuit.Settings.DEFAULT,
          new Deliver.Order.None());

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final ManualClock clock = new ManualClock(Fixture.NOW);
  private final Queue<Supplier<Future<Answer>>> answers = new ArrayDeque<>();
  private SqlInbox inbox;
  private Lane lane;

  @BeforeEach
  void open() {
    inbox =
        SqlInbox.sqlite(
            vertx, folder.resolve("inbox.db"), Vault.open(), InboxWriter.Limits.DEFAULT, clock);
    SplittableRandom random = new SplittableRandom(7);
    lane =
        new Lane(
            "hook",
            new Lane.Surroundings(
                vertx, vertx.getOrCreateContext(), inbox, clock, random, new Metrics()));
  }

  @AfterEach
  void close() {
    Awaited.get(inbox.close());
    Awaited.get(vertx.close());
  }

  private long store(String id) {
    byte[] content = id.getBytes(StandardCharsets.UTF_8);
    Incoming incoming =
        new Incoming(
            ClaimKey.of("acme", "hook", content),
            Fingerprint.of(java.util.Arrays.copyOf(content, 32)),
            "hook",
            "acme",
            "standard-webhooks",
            "k1",
            id,
            "a.b",
            "POST",
            "application/json",
            "{}",
            content,
            clock.instant(),
            clock.instant(),
            null,
            clock.instant().plus(Duration.ofDays(1)),
            true,
            null);
    return ((Stored.Fresh) Awaited.get(inbox.store(incoming))).id();
  }

  private Delivery find(long id) {
    return Awaited.get(inbox.find(id)).orElseThrow();
  }

  private static Future<Answer> taken() {
    return Future.succeededFuture(new Answer.Taken());
  }

  @Test
  void attempt_thatASinkBreaks_givesItsPlaceBackAndIsTriedAgain() {
    answers.addAll(
        List.of(
            () -> {
              throw new OutOfMemoryError("none left");
            },
            () -> Future.failedFuture(new IllegalStateException("broken")),
            LaneTest::taken));
    long thrown = store("a");
    long failed = store("b");
    long taken = store("c");
    lane.use(
        delivery -> answers.remove().get(),
        DELIVER,
        new Gate(
            new Gate.Limits(1, Optional.empty(), DELIVER.circuit()),
            clock,
            new SplittableRandom(7)));
    Awaited.until("the last", () -> find(taken).state() == DeliveryState.DELIVERED);
    Awaited.get(lane.retire());

    assertThat(find(thrown).state()).isEqualTo(DeliveryState.RETRYING);
    assertThat(find(thrown).lastError()).isEqualTo("the attempt broke (OutOfMemoryError)");
    assertThat(find(failed).lastError()).isEqualTo("the attempt broke (IllegalStateException)");
  }

  @Test
  void attempt_thatBeganBeforeTheCircuitOpened_decidesNothingForTheProbe() {
    List<Promise<Answer>> begun = new CopyOnWriteArrayList<>();
    Circuit.Settings circuit =
        new Circuit.Settings(1, Duration.ofSeconds(2), Duration.ofMinutes(1));
    Gate gate = new Gate(new Gate.Limits(2, Optional.empty(), circuit), clock, () -> 0L);
    List.of("a", "b", "c", "d").forEach(this::store);
    lane.use(
        delivery -> {
          Promise<Answer> answer = Promise.promise();
          begun.add(answer);
          return answer.future();
        },
        DELIVER,
        gate);
    Awaited.until("two attempts", () -> begun.size() == 2);
    begun.get(0).complete(new Answer.None("down"));
    Awaited.until("open", () -> gate.circuitState() == Circuit.State.OPEN);
    clock.advance(Duration.ofSeconds(1));
    lane.wake();
    Awaited.until("the probe", () -> begun.size() == 3);
    begun.get(1).complete(new Answer.None("down"));
    Awaited.until("only the probe is out", () -> lane.inFlight() == 1);

    assertThat(gate.circuitState()).isEqualTo(Circuit.State.HALF_OPEN);
    begun.get(2).complete(new Answer.None("down"));
    Awaited.until("open again", () -> gate.circuitState() == Circuit.State.OPEN);
    clock.advance(Duration.ofSeconds(2));
    lane.wake();
    Awaited.until("the next probe, after twice the time", () -> begun.size() == 4);
    begun.get(3).complete(new Answer.Taken());
    Awaited.until("closed", () -> gate.circuitState() == Circuit.State.CLOSED);
  }
}
