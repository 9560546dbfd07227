package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deadlines of one length, for which one timer stands. */
final class HandlerDeadlinesTest {
  private static final Duration SHORT = Duration.ofMillis(60);

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @Test
  void wait_pastItsTime_isToldOnItsContextAndNeverTooEarly() throws Exception {
    HandlerDeadlines deadlines = new HandlerDeadlines(SHORT);
    CompletableFuture<Long> took = new CompletableFuture<>();
    CompletableFuture<Context> where = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        run -> {
          long begun = System.nanoTime();
          deadlines.begin(
              vertx,
              context,
              () -> {
                where.complete(Vertx.currentContext());
                took.complete(System.nanoTime() - begun);
              });
        });
    assertThat(get(took)).isGreaterThanOrEqualTo(SHORT.toNanos());
    assertThat(get(where)).isSameAs(context);
  }

  @Test
  void waits_ofWhichSomeEnd_tellTheOthersEachOnceInTheirOrder() throws Exception {
    HandlerDeadlines deadlines = new HandlerDeadlines(SHORT);
    List<Integer> late = new ArrayList<>();
    CompletableFuture<List<Integer>> all = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        run -> {
          List<HandlerDeadlines.Wait> waits = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            int at = i;
            waits.add(deadlines.begin(vertx, context, () -> late.add(at)));
          }
          // the first, the last, two neighbours, and one twice
          for (int at : new int[] {0, 99, 41, 42, 70, 70}) {
            waits.get(at).end();
          }
          deadlines.begin(vertx, context, () -> all.complete(List.copyOf(late)));
        });
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      expected.add(i);
    }
    expected.removeAll(List.of(0, 99, 41, 42, 70));
    assertThat(get(all)).isEqualTo(expected);
  }

  @Test
  void wait_afterTheLineWasEmpty_isTold() throws Exception {
    HandlerDeadlines deadlines = new HandlerDeadlines(SHORT);
    Context context = vertx.getOrCreateContext();
    for (int round = 0; round < 3; round++) {
      CompletableFuture<Boolean> told = new CompletableFuture<>();
      context.runOnContext(
          run -> {
            deadlines.begin(vertx, context, () -> told.complete(false)).end();
            deadlines.begin(vertx, context, () -> told.complete(true));
          });
      assertThat(get(told)).isTrue();
    }
  }

  @Test
  void waits_thatComeWhileOthersAreDue_haveTheirOwnTime() throws Exception {
    HandlerDeadlines deadlines = new HandlerDeadlines(SHORT);
    CompletableFuture<Long> second = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        run -> {
          deadlines.begin(vertx, context, () -> {});
          vertx.setTimer(
              SHORT.toMillis() / 2,
              half -> {
                long begun = System.nanoTime();
                deadlines.begin(vertx, context, () -> second.complete(System.nanoTime() - begun));
              });
        });
    assertThat(get(second)).isGreaterThanOrEqualTo(SHORT.toNanos());
  }

  @Test
  void wait_endedByAnotherThread_isNotTold() throws Exception {
    HandlerDeadlines deadlines = new HandlerDeadlines(SHORT);
    AtomicInteger told = new AtomicInteger();
    CompletableFuture<HandlerDeadlines.Wait> begun = new CompletableFuture<>();
    CompletableFuture<Integer> after = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        run -> begun.complete(deadlines.begin(vertx, context, told::incrementAndGet)));
    get(begun).end();
    context.runOnContext(run -> deadlines.begin(vertx, context, () -> after.complete(told.get())));
    assertThat(get(after)).isZero();
  }

  @Test
  void line_thatHasRunEmpty_isForgottenAndBeginsAnew() throws Exception {
    HandlerDeadlines deadlines = new HandlerDeadlines(SHORT);
    CompletableFuture<Boolean> one = new CompletableFuture<>();
    CompletableFuture<Boolean> forgotten = new CompletableFuture<>();
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    Context context = vertx.getOrCreateContext();
    context.runOnContext(
        run -> {
          deadlines.begin(vertx, context, () -> {}).end();
          Object line = context.get(deadlines);
          deadlines.begin(vertx, context, () -> {}).end();
          one.complete(line != null && line == context.get(deadlines));
          // past the first one's time, and so past that of the line's timer
          deadlines.begin(
              vertx,
              context,
              () -> {
                forgotten.complete(context.get(deadlines) == null);
                deadlines.begin(vertx, context, () -> told.complete(true));
              });
        });
    assertThat(get(one)).isTrue();
    assertThat(get(forgotten)).isTrue();
    assertThat(get(told)).isTrue();
  }

  // Two deployments on one thread: each has a line of its own, also where they take turns.
  @Test
  void wait_ofADeploymentBesideOneThatEnds_isTold() throws Exception {
    Vertx single = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      HandlerDeadlines deadlines = new HandlerDeadlines(SHORT);
      CompletableFuture<Boolean> told = new CompletableFuture<>();
      Waiting first = new Waiting(deadlines, () -> {});
      Waiting second = new Waiting(deadlines, () -> told.complete(true));
      String id = get(single.deployVerticle(first).toCompletionStage().toCompletableFuture());
      get(single.deployVerticle(second).toCompletionStage().toCompletableFuture());
      assertThat(get(first.line)).isNotNull().isNotSameAs(get(second.line));
      get(single.undeploy(id).toCompletionStage().toCompletableFuture());
      assertThat(get(told)).isTrue();
    } finally {
      get(single.close().toCompletionStage().toCompletableFuture());
    }
  }

  private static final class Waiting extends VerticleBase {
    private final HandlerDeadlines deadlines;
    private final Runnable late;
    private final CompletableFuture<Object> line = new CompletableFuture<>();

    private Waiting(HandlerDeadlines deadlines, Runnable late) {
      this.deadlines = deadlines;
      this.late = late;
    }

    @Override
    public Future<?> start() {
      deadlines.begin(vertx, context, late);
      line.complete(context.get(deadlines));
      return Future.succeededFuture();
    }
  }
}
