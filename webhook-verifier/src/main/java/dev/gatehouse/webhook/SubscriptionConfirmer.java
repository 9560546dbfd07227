package dev.gatehouse.webhook;

import dev.gatehouse.core.AddressRules;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Confirms subscriptions by calling their URL: once, over https, to a public address, following no
 * redirect, and never longer than ten seconds.
 *
 * <p>Which URLs are called is not decided here: a verifier hands out only those that stood in a
 * signed request and fit the hosts of its scheme. Of the answer only the status counts; its body is
 * discarded, and one longer than 64 KiB ends the connection. At most {@value #MAX_IN_FLIGHT} calls
 * run at a time; what comes above that is not called. Nothing is tried again: the provider asks
 * again by itself.
 *
 * <p>The name is resolved for each call and the connection goes to the address that was judged, so
 * that a name server cannot answer one thing to the check and another to the connection.
 */
public final class SubscriptionConfirmer implements AutoCloseable {
  static final int MAX_IN_FLIGHT = 4;
  private static final int MAX_ANSWER_BYTES = 64 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** How a call ended. */
  public enum Result {
    /** The provider took it. */
    CONFIRMED,
    /** Too many calls were under way. */
    CONFIRMATION_BUSY,
    /** The name leads into a network that only this machine or its neighbours can reach. */
    CONFIRMATION_ADDRESS_REFUSED,
    /** The provider answered with another status than 2xx, a redirect among them. */
    CONFIRMATION_STATUS,
    /** There was no answer in time. */
    CONFIRMATION_TIMEOUT,
    /** There was no connection, or none with a certificate for that host. */
    CONFIRMATION_UNREACHABLE;

    /** The code of audits. */
    public String code() {
      return this == CONFIRMED ? "ok" : name().toLowerCase(Locale.ROOT);
    }
  }

  private final Vertx vertx;
  private final HttpClient client;
  private final Function<String, Future<List<InetAddress>>> resolver;
  private final Predicate<InetAddress> refused;
  private final Duration timeout;
  private final AtomicInteger inFlight = new AtomicInteger();

  SubscriptionConfirmer(
      Vertx vertx,
      HttpClientOptions tls,
      Function<String, Future<List<InetAddress>>> resolver,
      Predicate<InetAddress> refused,
      Duration timeout) {
    this.vertx = vertx;
    this.resolver = resolver;
    this.refused = refused;
    this.timeout = timeout;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions(tls)
                .setSsl(true)
                .setTrustAll(false)
                .setVerifyHost(true)
                .setKeepAlive(false)
                .setDecompressionSupported(false),
            new PoolOptions().setHttp1MaxSize(MAX_IN_FLIGHT).setMaxWaitQueueSize(MAX_IN_FLIGHT));
  }

  /** A confirmer that trusts the system's certificate authorities and asks its name servers. */
  public static SubscriptionConfirmer create(Vertx vertx) {
    return new SubscriptionConfirmer(
        vertx,
        new HttpClientOptions(),
        name -> vertx.executeBlocking(() -> List.of(InetAddress.getAllByName(name)), false),
        AddressRules::isPrivate,
        TIMEOUT);
  }

  /**
   * Calls a URL; never fails.
   *
   * @param url as a {@link Verification.Handshake} carries it
   */
  public Future<Result> confirm(URI url) {
    if (!"https".equals(url.getScheme()) || url.getHost() == null) {
      return Future.succeededFuture(Result.CONFIRMATION_ADDRESS_REFUSED);
    }
    if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
      inFlight.decrementAndGet();
      return Future.succeededFuture(Result.CONFIRMATION_BUSY);
    }
    Call call = new Call();
    long timer = vertx.setTimer(timeout.toMillis(), late -> call.timeOut());
    call.over
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              inFlight.decrementAndGet();
            });
    resolver
        .apply(url.getHost())
        .compose(this::judged)
        .compose(address -> client.request(options(url, address)))
        .compose(call::send)
        .onFailure(call::failed);
    return call.result.future();
  }

  // One bad address among good ones is refused too: it may be the next one's answer.
  private Future<InetAddress> judged(List<InetAddress> addresses) {
    if (addresses.isEmpty() || addresses.stream().anyMatch(refused)) {
      return Future.failedFuture(new RefusedException());
    }
    return Future.succeededFuture(addresses.get(0));
  }

  private RequestOptions options(URI url, InetAddress address) {
    int port = url.getPort() < 0 ? 443 : url.getPort();
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return new RequestOptions()
        .setMethod(HttpMethod.GET)
        .setServer(SocketAddress.inetSocketAddress(port, AddressRules.hostOf(address)))
        .setHost(url.getHost())
        .setPort(port)
        .setSsl(true)
        .setURI(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery())
        .setFollowRedirects(false)
        .setConnectTimeout(timeout.toMillis());
  }

  @Override
  public void close() {
    client.close();
  }

  private static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException() {
      super(null, null, false, false);
    }
  }

  /** One call: told as soon as its outcome is known, over when nothing of it is left. */
  private static final class Call {
    private final Promise<Result> result = Promise.promise();
    private final Promise<Void> over = Promise.promise();
    private @Nullable HttpClientRequest request;
    private boolean timedOut;

    synchronized Future<HttpClientResponse> send(HttpClientRequest begun) {
      request = begun;
      if (timedOut) {
        begun.reset();
        return Future.failedFuture("too late");
      }
      // where the answer comes: a listener of this thread could come after its end
      return begun.send().onSuccess(this::answered);
    }

    void answered(HttpClientResponse response) {
      boolean taken = response.statusCode() >= 200 && response.statusCode() <= 299;
      result.tryComplete(taken ? Result.CONFIRMED : Result.CONFIRMATION_STATUS);
      AtomicInteger seen = new AtomicInteger();
      response.exceptionHandler(broken -> over.tryComplete());
      response.endHandler(end -> over.tryComplete());
      response.handler(
          chunk -> {
            if (seen.addAndGet(chunk.length()) > MAX_ANSWER_BYTES) {
              end();
            }
          });
    }

    void failed(Throwable why) {
      result.tryComplete(
          why instanceof RefusedException || why instanceof UnknownHostException
              ? Result.CONFIRMATION_ADDRESS_REFUSED
              : Result.CONFIRMATION_UNREACHABLE);
      over.tryComplete();
    }

    synchronized void timeOut() {
      timedOut = true;
      result.tryComplete(Result.CONFIRMATION_TIMEOUT);
      end();
    }

    private synchronized void end() {
      if (request != null) {
        request.reset();
      }
      over.tryComplete();
    }
  }
}
