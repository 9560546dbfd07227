package dev.gatehouse.graphql.http;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request of HTTP to what it asks and who asks it, or to its refusal; the same for
 * answers and for event streams.
 */
final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedService.class);

  private final GuardedService service;
  private final Transport transport;
  private final RequestBody bodies;
  private final int maxBatch;
  private final RoutingContext ctx;
  private final HttpServerRequest request;
  private final Context context;
  private final MediaType media;
  private final BiConsumer<GuardedService.Origin, RequestReader.Asked> next;
  private boolean gone;

  Intake(
      GuardedService service,
      Transport transport,
      RequestBody bodies,
      int maxBatch,
      RoutingContext ctx,
      MediaType media,
      BiConsumer<GuardedService.Origin, RequestReader.Asked> next) {
    this.service = service;
    this.transport = transport;
    this.bodies = bodies;
    this.maxBatch = maxBatch;
    this.ctx = ctx;
    this.request = ctx.request();
    this.context = ctx.vertx().getOrCreateContext();
    this.media = media;
    this.next = next;
  }

  /** For a GET, or a POST. */
  void begin() {
    if (!isGet() && !MediaType.isJsonRequest(request.headers().getAll(HttpHeaders.CONTENT_TYPE))) {
      refuse(415, "the body must be application/json, in UTF-8");
      return;
    }
    ctx.addEndHandler(end -> gone = true);
    // what comes until somebody listens would be lost; of a GET nobody does, and it must have come
    // to its end when it is answered, or its connection could not be used again
    if (!isGet() && !request.isEnded()) {
      request.pause();
    }
    service.callers.of(ctx).onComplete(who -> onContext(() -> known(who)));
  }

  private boolean isGet() {
    return request.method().equals(HttpMethod.GET);
  }

  private void known(AsyncResult<Callers.Caller> who) {
    if (who.failed()) {
      LOG.warn("nobody could say who calls: {}", who.cause().getClass().getName());
      HttpAnswer.undecided(ctx, media);
      return;
    }
    if (who.result() instanceof Callers.Caller.Refused refused) {
      HttpAnswer.refuse(ctx, media, refused);
      return;
    }
    Callers.Caller.Of caller = (Callers.Caller.Of) who.result();
    if (caller.principal().isEmpty() && service.callers.requiresPrincipal()) {
      HttpAnswer.unauthenticated(ctx, media, "Bearer", "a credential is needed");
      return;
    }
    GuardedService.Origin origin = service.origin(ctx, transport, caller.principal());
    if (isGet()) {
      byGet(origin);
    } else {
      byPost(origin);
    }
  }

  private void byGet(GuardedService.Origin origin) {
    Optional<OperationRequest> asked =
        Optional.ofNullable(request.query())
            .filter(RequestReader::isUtf8)
            .flatMap(whole -> query())
            .flatMap(RequestReader::ofQuery);
    if (asked.isEmpty()) {
      refuse(400, "the URL's parameters are no GraphQL request");
      return;
    }
    next.accept(origin, new RequestReader.Asked(List.of(asked.get()), false));
  }

  private void byPost(GuardedService.Origin origin) {
    if (query().map(RequestReader::hasParameters).orElse(true)) {
      refuse(400, "the parameters of a POST belong into its body");
      return;
    }
    bodies.read(ctx).onComplete(body -> onContext(() -> haveBody(origin, body)));
  }

  private Optional<MultiMap> query() {
    try {
      return Optional.of(ctx.queryParams());
    } catch (RuntimeException malformed) {
      return Optional.empty();
    }
  }

  private void haveBody(GuardedService.Origin origin, AsyncResult<Buffer> body) {
    if (body.failed()) {
      boolean known = body.cause() instanceof RequestBody.Refused;
      refuse(
          known ? ((RequestBody.Refused) body.cause()).status : 400,
          known ? String.valueOf(body.cause().getMessage()) : "the body cannot be read");
      return;
    }
    Optional<RequestReader.Asked> asked = RequestReader.ofBody(body.result(), maxBatch);
    if (asked.isEmpty()) {
      refuse(400, "the body is no GraphQL request");
      return;
    }
    next.accept(origin, asked.get());
  }

  private void onContext(Runnable step) {
    context.runOnContext(
        here -> {
          if (gone) {
            return;
          }
          try {
            step.run();
          } catch (RuntimeException e) {
            ctx.fail(e);
          }
        });
  }

  private void refuse(int status, String message) {
    HttpAnswer.send(ctx, status, media, HttpAnswer.error(message));
  }
}
