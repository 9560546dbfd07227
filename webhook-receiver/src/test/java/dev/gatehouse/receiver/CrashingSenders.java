package dev.gatehouse.receiver;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Senders as providers are: what was not acknowledged is sent again with the same id, to whichever
 * receiver is there, a few times. They remember what was acknowledged.
 */
final class CrashingSenders {
  private static final int THREADS = 6;
  private static final int TRIES = 3;
  private static final long IDLE_NANOS = 2_000_000;

  final Set<String> sent = ConcurrentHashMap.newKeySet();
  final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong counter = new AtomicLong();
  private final AtomicReference<List<URI>> hooks = new AtomicReference<>(List.of());
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final WebhookSigner signer = Fixture.signer(Fixture.SECRET);
  private volatile boolean ended;

  CrashingSenders() {
    for (int i = 0; i < THREADS; i++) {
      threads.execute(this::sendUntilEnded);
    }
  }

  /** Sends to these from now on; to nobody while there are none. */
  void sendTo(List<URI> receivers) {
    hooks.set(receivers);
  }

  private void sendUntilEnded() {
    while (!ended) {
      if (hooks.get().isEmpty()) {
        LockSupport.parkNanos(IDLE_NANOS);
        continue;
      }
      long number = counter.incrementAndGet();
      String id = "msg_" + number;
      sent.add(id);
      for (int i = 0; i < TRIES && !ended && !acknowledged.contains(id); i++) {
        long turn = number + i;
        send(id, () -> pick(turn));
      }
    }
  }

  private URI pick(long turn) {
    List<URI> present = hooks.get();
    return present.isEmpty() ? null : present.get((int) (turn % present.size()));
  }

  private void send(String id, Supplier<URI> receiver) {
    URI hook = receiver.get();
    if (hook == null) {
      return;
    }
    try {
      var answer = http.send(request(hook, id), BodyHandlers.discarding());
      if (answer.statusCode() == 204) {
        acknowledged.add(id);
        if (answer.headers().firstValue("Gatehouse-Duplicate").isPresent()) {
          duplicates.incrementAndGet();
        }
      }
    } catch (IOException dead) {
      // tried again
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpRequest request(URI hook, String id) {
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

  /** Waits until that many more were acknowledged. */
  void awaitAcknowledged(int more) {
    long wanted = acknowledged.size() + (long) more;
    Awaited.within(240, "requests are acknowledged", () -> acknowledged.size() >= wanted);
  }

  /** Sends no more, and waits for what is under way. */
  void end() throws InterruptedException {
    ended = true;
    threads.shutdown();
    if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the senders do not end");
    }
  }
}
