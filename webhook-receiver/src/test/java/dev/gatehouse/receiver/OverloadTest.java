package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that stalls, and more than can be kept: bounded, told to come again, nothing lost. */
class OverloadTest {
  @TempDir Path folder;

  /** Keeps the thread that writes, as a disk does that does not answer. */
  private static CountDownLatch stall(Fixture it) throws Exception {
    CountDownLatch stalls = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    it.running()
        .inbox()
        .writer()
        .submitOwn(
            statements -> {
              stalls.countDown();
              try {
                goesOn.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return true;
            });
    assertThat(stalls.await(60, TimeUnit.SECONDS)).isTrue();
    return goesOn;
  }

  @Test
  void store_thatStalls_isAnsweredWith503BeforeMemoryGrowsAndKeepsWhatItAcknowledges()
      throws Exception {
    String body = "x".repeat(225_000);
    ExecutorService senders = Executors.newFixedThreadPool(100);
    // 22 MB take their time on a machine that has other work
    String yaml = Fixture.yaml("maxBodiesInFlight: 16MiB", "bodyTimeout: 2m\n");
    try (Fixture it = Fixture.start(folder, yaml)) {
      CountDownLatch goesOn = stall(it);
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String id = "m" + i;
        answers.add(CompletableFuture.supplyAsync(() -> it.send(id, body), senders));
      }
      // 22 MB came in, of which the bodies' budget holds 16 MiB at most
      Awaited.until(
          "25 are answered",
          () -> answers.stream().filter(CompletableFuture::isDone).count() >= 25);
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        if (answer.isDone()) {
          assertThat(answer.get().statusCode()).isEqualTo(503);
          assertThat(answer.get().headers().firstValue("Retry-After")).isPresent();
        }
      }
      assertThat(it.exchange(it.manage("/health/live")).statusCode()).isEqualTo(200);
      assertThat(it.exchange(it.manage("/metrics")).statusCode()).isEqualTo(200);
      // what fails is refused at once, by its own budget, whatever the disk does
      assertThat(it.sendAt("old", "{}", Fixture.NOW.minus(Duration.ofHours(1))).statusCode())
          .isEqualTo(401);

      goesOn.countDown();
      int acknowledged = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        int status = answer.get(60, TimeUnit.SECONDS).statusCode();
        assertThat(status).isIn(204, 503);
        acknowledged += status == 204 ? 1 : 0;
      }
      assertThat(acknowledged).isBetween(1, 75);
      assertThat(it.ask("/api/deliveries?limit=500").getJsonArray("deliveries"))
          .hasSize(acknowledged);
      assertThat(it.send("after", "{}").statusCode()).isEqualTo(204);
    } finally {
      senders.shutdownNow();
    }
  }

  @Test
  void failures_thatSpendTheirBudget_leaveTheVerifiedOnesAlone() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml("limits: { failuresPerMinute: 3 }\n"))) {
      List<Integer> statuses = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        statuses.add(
            it.sendAt("old" + i, "{}", Fixture.NOW.minus(Duration.ofHours(1))).statusCode());
      }

      assertThat(statuses).containsExactly(401, 401, 401, 429, 429, 429);
      assertThat(it.send("good", "{}").statusCode()).isEqualTo(204);
    }
  }

  @Test
  void duplicate_thatComesBesideTheFirst_isAnsweredWhenThatIsOnTheDisk() throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(8);
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      CountDownLatch goesOn = stall(it);
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answers.add(CompletableFuture.supplyAsync(() -> it.send("same", "{}"), senders));
      }
      Awaited.until("nine wait to be written", () -> it.running().inbox().writer().queued() >= 9);
      assertThat(answers).noneMatch(CompletableFuture::isDone);
      goesOn.countDown();
      int first = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        HttpResponse<String> got = answer.get(60, TimeUnit.SECONDS);
        assertThat(got.statusCode()).isEqualTo(204);
        first += got.headers().firstValue("Gatehouse-Duplicate").isEmpty() ? 1 : 0;
      }

      assertThat(first).isEqualTo(1);
      assertThat(it.deliveries()).hasSize(1);
    } finally {
      senders.shutdownNow();
    }
  }
}
