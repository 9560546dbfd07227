package dev.gatehouse.receiver;

import dev.gatehouse.core.AddressRules;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Posts deliveries of one source to its destination, signed anew where that is configured.
 *
 * <p>No redirect is followed, and of the answer only the status and {@code Retry-After} are looked
 * at: its body is discarded, and a long one ends the connection.
 */
final class HttpSink implements Sink {
  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  private final Vertx vertx;
  private final HttpClient client;
  private final Destination.Resolver resolver;
  private final InstantSource clock;
  private final Duration timeout;
  private final Destination destination;
  private final DeliveryHeaders headers;

  HttpSink(
      Vertx vertx,
      HttpClient client,
      Destination.Resolver resolver,
      InstantSource clock,
      Duration timeout,
      Destination destination,
      DeliveryHeaders headers) {
    this.vertx = vertx;
    this.client = client;
    this.resolver = resolver;
    this.clock = clock;
    this.timeout = timeout;
    this.destination = destination;
    this.headers = headers;
  }

  @Override
  public Future<Answer> post(Leased delivery) {
    Promise<Answer> answer = Promise.promise();
    InFlight inFlight = new InFlight();
    long timer =
        vertx.setTimer(
            timeout.toMillis(),
            late -> {
              answer.tryComplete(new Answer.None("no answer within " + Durations.format(timeout)));
              inFlight.cancel();
            });
    destination
        .address(resolver)
        .compose(address -> client.request(options(address)))
        .compose(request -> inFlight.begin(request) ? send(request, delivery) : gone(request))
        .onComplete(
            response -> {
              answer.tryComplete(judge(response));
              discard(response);
            },
            failure -> answer.tryComplete(answer(failure)));
    return answer.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** The request that a timeout has to stop, once there is one. */
  private static final class InFlight {
    private @Nullable HttpClientRequest request;
    private boolean cancelled;

    synchronized boolean begin(HttpClientRequest begun) {
      request = begun;
      return !cancelled;
    }

    synchronized void cancel() {
      cancelled = true;
      if (request != null) {
        request.reset();
      }
    }
  }

  private static Future<HttpClientResponse> gone(HttpClientRequest request) {
    request.reset();
    return Future.failedFuture(new java.util.concurrent.TimeoutException());
  }

  private RequestOptions options(InetAddress address) {
    // The connection goes to the address that was judged; Host and TLS still name the destination.
    // Vert.x makes an authority of the address, and refuses one of IPv6 without brackets.
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setServer(
            SocketAddress.inetSocketAddress(destination.port(), AddressRules.hostOf(address)))
        .setHost(destination.hostOfRequests())
        .setPort(destination.port())
        .setSsl(destination.isTls())
        .setURI(destination.target())
        .setFollowRedirects(false)
        .setConnectTimeout(Math.max(1, timeout.toMillis()));
  }

  private Future<HttpClientResponse> send(HttpClientRequest request, Leased delivery) {
    try {
      headers.addTo(request.headers(), delivery);
    } catch (IllegalArgumentException e) {
      request.reset();
      return Future.failedFuture(new UnsignedException(e));
    }
    return request.send(Buffer.buffer(delivery.body()));
  }

  private Answer judge(HttpClientResponse response) {
    return new Answer.Status(
        response.statusCode(),
        RetryAfter.parse(response.getHeader("Retry-After"), clock.instant()));
  }

  private void discard(HttpClientResponse response) {
    AtomicInteger seen = new AtomicInteger();
    long timer = vertx.setTimer(timeout.toMillis(), late -> response.request().reset());
    response.exceptionHandler(broken -> vertx.cancelTimer(timer));
    response.endHandler(end -> vertx.cancelTimer(timer));
    response.handler(
        chunk -> {
          if (seen.addAndGet(chunk.length()) > MAX_ANSWER_BYTES) {
            vertx.cancelTimer(timer);
            response.request().reset();
          }
        });
  }

  private static Answer answer(Throwable failure) {
    return failure instanceof UnsignedException
        ? new Answer.Never("the delivery could not be signed")
        : new Answer.None(why(failure));
  }

  /** The delivery is not one that can be signed; that says nothing of the destination. */
  private static final class UnsignedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsignedException(IllegalArgumentException cause) {
      super(cause);
    }
  }

  private static String why(Throwable failure) {
    if (failure instanceof Destination.RefusedException) {
      return String.valueOf(failure.getMessage());
    }
    if (failure instanceof UnknownHostException) {
      return "the name in deliver.to cannot be resolved";
    }
    if (failure instanceof ConnectException) {
      return "the destination takes no connection";
    }
    if (failure instanceof SSLException) {
      return "no TLS connection: the destination's certificate or protocol is not acceptable";
    }
    return "the connection broke (" + failure.getClass().getSimpleName() + ")";
  }
}
