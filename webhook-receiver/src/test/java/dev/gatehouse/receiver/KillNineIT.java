package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever was acknowledged is there after kill -9, and nothing that was not sent. */
class KillNineIT {
  private static final int ROUNDS = 10;
  private static final int CONNECTIONS = 8;

  @TempDir Path folder;
  private final SplittableRandom random = new SplittableRandom();
  private final AtomicLong counter = new AtomicLong();
  private final Set<String> sent = ConcurrentHashMap.newKeySet();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  /** The process that is killed. */
  public static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) {
      Path file = Path.of(arguments[0]);
      Receiver receiver = Receiver.builder(ConfigReader.create().read(file)).build();
      receiver
          .start()
          .onSuccess(started -> System.out.println("PORT " + started.publicPort()))
          .onFailure(
              failure -> {
                failure.printStackTrace(System.out);
                System.exit(2);
              });
    }
  }

  @Test
  void acknowledged_beforeKillNine_isStillThere() throws Exception {
    Path file = folder.resolve("gatehouse.yaml");
    Files.writeString(file, Fixture.yaml(""));
    for (int round = 1; round <= ROUNDS; round++) {
      long before = acknowledged.size();
      round(file);
      report(round, acknowledged.size() - before);
    }

    Set<String> stored = stored();
    PrintStream out = System.out;
    out.printf(
        java.util.Locale.ROOT,
        "kill -9: %d rounds, %d sent, %d acknowledged, %d stored%n",
        ROUNDS,
        sent.size(),
        acknowledged.size(),
        stored.size());
    assertThat(acknowledged).isNotEmpty();
    assertThat(stored).containsAll(acknowledged);
    assertThat(sent).containsAll(stored);
  }

  private void report(int round, long count) {
    System.out.printf(java.util.Locale.ROOT, "kill -9: round %d acknowledged %d%n", round, count);
  }

  private void round(Path file) throws Exception {
    Process victim = launch(file);
    try {
      URI hook = URI.create("http://127.0.0.1:" + port(victim) + "/hooks/hook");
      CountDownLatch flowing = new CountDownLatch(200);
      ExecutorService senders = Executors.newFixedThreadPool(CONNECTIONS);
      for (int i = 0; i < CONNECTIONS; i++) {
        senders.execute(() -> sendUntilDead(hook, flowing, victim));
      }
      assertThat(flowing.await(60, TimeUnit.SECONDS)).as("requests are answered").isTrue();
      // not a wait for something to happen: the moment of death is what varies
      TimeUnit.MILLISECONDS.sleep(random.nextInt(400));
      victim.destroyForcibly();
      assertThat(victim.waitFor(20, TimeUnit.SECONDS)).isTrue();
      senders.shutdown();
      assertThat(senders.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      victim.destroyForcibly();
    }
  }

  private static Process launch(Path file) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            file.toString())
        .redirectErrorStream(true)
        .start();
  }

  private static int port(Process victim) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder seen = new StringBuilder();
    String line = out.readLine();
    while (line != null) {
      if (line.startsWith("PORT ")) {
        return Integer.parseInt(line.substring(5));
      }
      seen.append(line).append('\n');
      line = out.readLine();
    }
    throw new AssertionError("the receiver did not start:\n" + seen);
  }

  private void sendUntilDead(URI hook, CountDownLatch flowing, Process victim) {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    WebhookSigner signer = Fixture.signer(Fixture.SECRET);
    while (victim.isAlive()) {
      String id = "msg_" + counter.incrementAndGet();
      sent.add(id);
      try {
        if (http.send(request(hook, signer, id), BodyHandlers.discarding()).statusCode() == 204) {
          acknowledged.add(id);
          flowing.countDown();
        }
      } catch (IOException dead) {
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static HttpRequest request(URI hook, WebhookSigner signer, String id) {
    byte[] body =
        ("{\"id\":\"" + id + "\"," + "\"pad\":\"" + "x".repeat(900) + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    HttpRequest.Builder request = HttpRequest.newBuilder(hook).timeout(Duration.ofSeconds(10));
    List<Header> headers =
        signer.sign(
            new WebhookSigner.Outgoing(
                "POST", hook.toString(), Headers.of(), body, id, Instant.now()));
    headers.forEach(h -> request.header(h.name(), h.value()));
    return request.POST(BodyPublishers.ofByteArray(body)).build();
  }

  private Set<String> stored() {
    Vertx vertx = Vertx.vertx();
    SqlInbox inbox =
        SqlInbox.sqlite(
            vertx,
            folder.resolve("data/inbox.db"),
            Vault.open(),
            InboxWriter.Limits.DEFAULT,
            InstantSource.system());
    Set<String> ids = new HashSet<>();
    long after = 0;
    List<Delivery> page;
    do {
      page = Awaited.get(inbox.list(new Inbox.Query(null, null, after, 1000)));
      for (Delivery delivery : page) {
        after = delivery.id();
        ids.add(delivery.senderId());
      }
    } while (!page.isEmpty());
    Awaited.get(inbox.close());
    Awaited.get(vertx.close());
    return ids;
  }
}
