package dev.gatehouse.core.jwt;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Gets a key set over https: no redirect, no compression, bounded in size and time. */
final class JwksFetch {
  private static final int MAX_BYTES = 64 * 1024;
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Vertx vertx;
  private final HttpClient client;
  private final RequestOptions request;
  private final Duration timeout;

  JwksFetch(Vertx vertx, String url, Duration timeout, boolean insecureLoopback) {
    this.vertx = vertx;
    this.timeout = timeout;
    this.request =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(checked(url, insecureLoopback).toString())
            .setFollowRedirects(false)
            .setConnectTimeout(timeout.toMillis())
            .setIdleTimeout(timeout.toMillis());
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setKeepAlive(false)
                .setMaxHeaderSize(8 * 1024)
                .setConnectTimeout((int) timeout.toMillis())
                .setSslHandshakeTimeout(timeout.toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setVerifyHost(true),
            new PoolOptions().setHttp1MaxSize(1));
  }

  private static URI checked(String text, boolean insecureLoopback) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("the key set's place is not a URL", e);
    }
    boolean here = insecureLoopback && "http".equals(uri.getScheme());
    if (uri.getHost() == null
        || uri.getRawUserInfo() != null
        || !("https".equals(uri.getScheme()) || (here && LOOPBACK.contains(uri.getHost())))) {
      throw new IllegalArgumentException(
          "the key set's place must be an https URL: whoever changes the answer on its way could"
              + " sign tokens");
    }
    return uri;
  }

  /** Fails with a {@link KeysUnavailableException} if there is no set with a key for us. */
  Future<List<VerificationKey>> get() {
    Promise<Buffer> answer = Promise.promise();
    AtomicReference<HttpClientRequest> running = new AtomicReference<>();
    long timer =
        vertx.setTimer(
            timeout.toMillis(),
            late -> answer.tryFail(new KeysUnavailableException("there was no answer in time")));
    client
        .request(request)
        .compose(
            open -> {
              running.set(open);
              if (answer.future().isComplete()) {
                open.reset();
                return Future.failedFuture(new KeysUnavailableException("too late"));
              }
              // where the answer comes: a listener of this thread could come after its end
              return open.send().compose(JwksFetch::read);
            })
        .onSuccess(answer::tryComplete)
        .onFailure(failure -> answer.tryFail(told(failure)));
    return answer
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              HttpClientRequest open = running.get();
              if (open != null && done.failed()) {
                open.reset();
              }
            })
        .compose(body -> vertx.executeBlocking(() -> keys(body), false));
  }

  private static List<VerificationKey> keys(Buffer body) throws KeysUnavailableException {
    List<VerificationKey> keys;
    try {
      keys = JsonWebKeys.published(body.getBytes());
    } catch (IllegalArgumentException e) {
      throw new KeysUnavailableException("what the place of keys serves is no key set");
    }
    if (keys.isEmpty()) {
      throw new KeysUnavailableException("the key set that is served has no key for us");
    }
    return keys;
  }

  private static Future<Buffer> read(HttpClientResponse response) {
    Promise<Buffer> whole = Promise.promise();
    response.exceptionHandler(whole::tryFail);
    if (response.statusCode() != 200 || response.getHeader("Content-Encoding") != null) {
      return Future.failedFuture(
          new KeysUnavailableException("the place of keys answered " + response.statusCode()));
    }
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          if (body.length() + chunk.length() > MAX_BYTES) {
            whole.tryFail(new KeysUnavailableException("the answer is longer than 64 kB"));
            return;
          }
          body.appendBuffer(chunk);
        });
    response.endHandler(end -> whole.tryComplete(body));
    return whole.future();
  }

  private static Throwable told(Throwable failure) {
    return failure instanceof KeysUnavailableException
        ? failure
        : new KeysUnavailableException(
            "the place of keys cannot be reached (" + failure.getClass().getSimpleName() + ")");
  }
}
