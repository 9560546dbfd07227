package dev.gatehouse.cli;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Sends a number of signed requests, some at a time. Everything happens on one event loop, so its
 * fields are nobody else's.
 */
final class Sending {
  private static final long TIMEOUT_MILLIS = 30_000;
  private static final long PROGRESS_MILLIS = 2000;

  private final URI target;
  private final List<Header> headers;
  private final Supplier<Outgoing> messages;
  private final Function<Outgoing, List<Header>> signer;
  private final int count;
  private final int concurrency;
  private final Terminal terminal;
  private final SendReport report;
  private final Promise<SendReport> done = Promise.promise();
  private int begun;
  private int ended;

  Sending(
      URI target,
      List<Header> headers,
      Supplier<Outgoing> messages,
      Function<Outgoing, List<Header>> signer,
      int count,
      int concurrency,
      Terminal terminal) {
    this.target = target;
    this.headers = headers;
    this.messages = messages;
    this.signer = signer;
    this.count = count;
    this.concurrency = concurrency;
    this.terminal = terminal;
    this.report = new SendReport(count);
  }

  /** Sends all of them; fails with a {@link Refusal} if the target cannot be reached at all. */
  Future<SendReport> run(Vertx vertx) {
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(5000)
                .setDecompressionSupported(false)
                .setTcpNoDelay(true),
            new PoolOptions().setHttp1MaxSize(concurrency).setEventLoopSize(1));
    vertx.runOnContext(
        go -> {
          report.begin();
          vertx.setPeriodic(PROGRESS_MILLIS, tick -> progress());
          for (int i = 0; i < Math.min(concurrency, count); i++) {
            next(client);
          }
        });
    return done.future();
  }

  private void next(HttpClient client) {
    if (begun == count || done.future().isComplete()) {
      return;
    }
    begun++;
    try {
      send(client, messages.get());
    } catch (RuntimeException e) {
      // on an event loop nobody else hears of it, and the command would wait for ever
      done.tryFail(e);
    }
  }

  private void send(HttpClient client, Outgoing message) {
    RequestOptions options =
        new RequestOptions()
            .setAbsoluteURI(target.toString())
            .setMethod(HttpMethod.valueOf(message.method()))
            .setTimeout(TIMEOUT_MILLIS);
    headers.forEach(h -> options.addHeader(h.name(), h.value()));
    signer.apply(message).forEach(h -> options.putHeader(h.name(), h.value()));
    client
        .request(options)
        .compose(request -> timed(request, message))
        .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .onFailure(this::failed)
        .onComplete(answer -> ended(client));
  }

  // The clock starts when the connection is there: making it is paid once, not by each delivery.
  private Future<Void> timed(HttpClientRequest request, Outgoing message) {
    long start = System.nanoTime();
    return request
        .send(Buffer.buffer(message.body()))
        .compose(response -> response.end().map(response.statusCode()))
        .onSuccess(status -> report.answered(status, message.id(), System.nanoTime() - start))
        .mapEmpty();
  }

  private void failed(Throwable failure) {
    if (HttpCalls.isUnreachable(failure) && report.answers() == 0) {
      done.tryFail(
          Refusal.no(
              "--to",
              HttpCalls.authority(target)
                  + ": "
                  + HttpCalls.reason(failure)
                  + "; check the URL, or start the receiver (./gatehouse serve)"));
      return;
    }
    report.failed(HttpCalls.reason(failure));
  }

  private void ended(HttpClient client) {
    ended++;
    if (ended == count) {
      report.end();
      done.tryComplete(report);
      return;
    }
    next(client);
  }

  private void progress() {
    if (!done.future().isComplete()) {
      terminal.err().print("sent " + ended + " of " + count + "\n");
      terminal.err().flush();
    }
  }
}
