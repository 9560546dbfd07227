package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;

/**
 * A day's traffic of several senders: of 100 requests about 80 are new deliveries, 10 come again, 6
 * are forged, 2 are too old and 2 go nowhere.
 */
final class SoakTraffic {
  private static final int SENDERS = 4;

  /** What was answered. */
  record Result(long fresh, long again, long refused, long unavailable, long wrong) {
    String report() {
      return String.format(
          Locale.ROOT,
          "sender: %,d new deliveries acknowledged, %,d repetitions recognised, %,d refused, %,d"
              + " told to come again, %,d answered wrongly",
          fresh,
          again,
          refused,
          unavailable,
          wrong);
    }
  }

  private final URI base;
  private final int rate;
  private final FastClock clock;
  private final AtomicLong nextId = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong fresh = new AtomicLong();
  private final AtomicLong again = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong unavailable = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final List<Thread> senders = new ArrayList<>();
  private volatile boolean stopped;

  private SoakTraffic(InetSocketAddress receiver, int rate, double speed) {
    this.base = URI.create("http://127.0.0.1:" + receiver.getPort());
    this.rate = rate;
    this.clock = new FastClock(speed);
  }

  static SoakTraffic start(InetSocketAddress receiver, int rate, double speed) {
    SoakTraffic traffic = new SoakTraffic(receiver, rate, speed);
    for (int i = 0; i < SENDERS; i++) {
      long seed = i;
      Thread thread = new Thread(() -> traffic.send(seed), "sender-" + i);
      thread.setDaemon(true);
      thread.start();
      traffic.senders.add(thread);
    }
    return traffic;
  }

  long sent() {
    return sent.get();
  }

  Result stop() throws InterruptedException {
    stopped = true;
    for (Thread sender : senders) {
      sender.join();
    }
    return new Result(fresh.get(), again.get(), refused.get(), unavailable.get(), wrong.get());
  }

  private void send(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Mac mac = SignedSample.standardMac();
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    long begun = System.nanoTime();
    for (long i = 0; !stopped; i++) {
      try {
        long due = begun + i * SENDERS * 1_000_000_000L / rate;
        long wait = due - System.nanoTime();
        if (wait > 0) {
          Thread.sleep(Duration.ofNanos(wait).toMillis(), (int) (wait % 1_000_000));
        }
        one(client, mac, random);
      } catch (IOException broken) {
        wrong.incrementAndGet();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void one(HttpClient client, Mac mac, SplittableRandom random)
      throws IOException, InterruptedException {
    int kind = random.nextInt(100);
    String source = random.nextBoolean() ? "good" : "flap";
    String id = "msg_" + nextId.incrementAndGet();
    String body = SignedSample.json(200 + random.nextInt(2000), random.nextInt());
    if (kind < 80) {
      acknowledged(post(client, mac, source, id, body, clock.instant()), fresh);
    } else if (kind < 90) {
      if (acknowledged(post(client, mac, source, id, body, clock.instant()), fresh)) {
        acknowledged(post(client, mac, source, id, body, clock.instant()), again);
      }
    } else if (kind < 96) {
      refused(post(client, SignedSample.otherMac(), source, id, body, clock.instant()), 401);
    } else if (kind < 98) {
      Instant old = clock.instant().minus(Duration.ofHours(3));
      refused(post(client, mac, source, id, body, old), 401);
    } else {
      refused(post(client, mac, "nobody", id, body, clock.instant()), 404);
    }
  }

  private boolean acknowledged(int status, AtomicLong counter) {
    AtomicLong of = status == 204 ? counter : status == 503 ? unavailable : wrong;
    of.incrementAndGet();
    return status == 204;
  }

  private void refused(int status, int expected) {
    (status == expected || status == 429 ? refused : wrong).incrementAndGet();
  }

  private int post(HttpClient client, Mac mac, String source, String id, String body, Instant time)
      throws IOException, InterruptedException {
    String seconds = Long.toString(time.getEpochSecond());
    byte[] signature = mac.doFinal((id + "." + seconds + "." + body).getBytes(UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/hooks/" + source))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", "v1," + Base64.getEncoder().encodeToString(signature))
            .POST(BodyPublishers.ofString(body))
            .build();
    sent.incrementAndGet();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }
}
