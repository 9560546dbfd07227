package dev.gatehouse.graphql.http;

import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GuardError;
import graphql.GraphQLError;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes answers, so that a client that is still sending can read them too. */
final class HttpAnswer {
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
  private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
  static final CharSequence WWW_AUTHENTICATE = HttpHeaders.createOptimized("WWW-Authenticate");

  private static final long LINGER_MILLIS = 1_000;
  private static final long RETRY_SECONDS = 5;

  private HttpAnswer() {}

  /** An answer as JSON; empty if it holds what JSON has no word for. */
  static Optional<Buffer> json(Map<String, Object> answer) {
    try {
      return Optional.of(new JsonObject(answer).toBuffer());
    } catch (EncodeException unwritable) {
      return Optional.empty();
    }
  }

  /** The same as text. */
  static Optional<String> text(Map<String, Object> answer) {
    try {
      return Optional.of(new JsonObject(answer).encode());
    } catch (EncodeException unwritable) {
      return Optional.empty();
    }
  }

  /** An answer of one error and no data. */
  static Buffer error(GraphQLError error) {
    return json(Map.of("errors", List.of(error.toSpecification()))).orElseGet(Buffer::buffer);
  }

  /** An answer of one error that has no code: the request was not well-formed. */
  static Buffer error(String message) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("errors", List.of(Map.of("message", message)));
    return json(answer).orElseGet(Buffer::buffer);
  }

  /** Refuses whoever does not get in. */
  static void refuse(RoutingContext ctx, MediaType media, Callers.Caller.Refused refused) {
    String message = refused.why().publicMessage();
    if (refused.status() == Callers.UNAUTHORIZED) {
      unauthenticated(ctx, media, "Bearer error=\"invalid_token\"", message);
      return;
    }
    send(ctx, refused.status(), media, error(GuardError.of(ErrorCode.FORBIDDEN, message)));
  }

  static void unauthenticated(
      RoutingContext ctx, MediaType media, String challenge, String message) {
    ctx.response().putHeader(WWW_AUTHENTICATE, challenge);
    send(ctx, 401, media, error(GuardError.of(ErrorCode.UNAUTHENTICATED, message)));
  }

  /** Nobody could say who calls, for now. */
  static void undecided(RoutingContext ctx, MediaType media) {
    ctx.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(RETRY_SECONDS));
    send(ctx, 503, media, error("who calls cannot be told at present"));
  }

  /** As many connections are open as may be. */
  static void tooMany(RoutingContext ctx, String message) {
    ctx.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(RETRY_SECONDS));
    Map<String, Object> when = Map.of("retryAfter", RETRY_SECONDS);
    send(ctx, 429, MediaType.JSON, error(GuardError.of(ErrorCode.RATE_LIMITED, message, when)));
  }

  static void send(RoutingContext ctx, int status, MediaType media, Buffer body) {
    HttpServerResponse response = ctx.response();
    if (response.ended() || response.closed() || response.headWritten()) {
      return;
    }
    HttpServerRequest request = ctx.request();
    boolean isUnread = !request.isEnded();
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, media.contentType())
        .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
        .putHeader("X-Content-Type-Options", NOSNIFF);
    if (isUnread && !isMultiplexed(request)) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    // over HTTP/2, Vert.x would send a body after a HEAD too
    boolean hasBody = !request.method().equals(HttpMethod.HEAD);
    response.end(hasBody ? body : Buffer.buffer());
    if (isUnread) {
      discard(ctx);
    }
  }

  /**
   * Whether others share its connection, and its answer may name none (RFC 9113 §8.2.2, RFC 9114
   * §4.2).
   */
  static boolean isMultiplexed(HttpServerRequest request) {
    HttpVersion version = request.version();
    return version == HttpVersion.HTTP_2 || version == HttpVersion.HTTP_3;
  }

  // a connection that is closed over unread bytes is reset, and its answer may be lost
  private static void discard(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    boolean isStream = isMultiplexed(request);
    long timer =
        ctx.vertx()
            .setTimer(
                LINGER_MILLIS,
                late -> {
                  if (isStream) {
                    request.response().reset();
                  } else {
                    request.connection().close();
                  }
                });
    request.handler(discarded -> {});
    request.endHandler(
        end -> {
          ctx.vertx().cancelTimer(timer);
          if (!isStream) {
            request.connection().close();
          }
        });
    request.exceptionHandler(gone -> ctx.vertx().cancelTimer(timer));
    request.resume();
  }
}
