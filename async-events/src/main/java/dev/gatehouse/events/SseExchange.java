package dev.gatehouse.events;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.events.Refusal.Code;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request on its way to a stream, or to its refusal. On its request's context; a client that goes
 * away while something is being decided leaves nothing open.
 */
final class SseExchange {
  private static final Logger LOG = LoggerFactory.getLogger(SseHandler.class);

  private final SseHandler door;
  private final RoutingContext ctx;
  private final HttpServerResponse response;
  private final Context context;
  private @Nullable EventConnection connection;
  private long timer = -1;
  private boolean over;

  SseExchange(SseHandler door, RoutingContext ctx) {
    this.door = door;
    this.ctx = ctx;
    this.response = ctx.response();
    this.context = ctx.vertx().getOrCreateContext();
  }

  void begin() {
    if (!ctx.request().method().equals(HttpMethod.GET)) {
      response.putHeader(HttpHeaders.ALLOW, "GET");
      answer(405, "method_not_allowed", "use GET");
      return;
    }
    if (!SseAccept.takesEvents(ctx.request().headers().getAll(HttpHeaders.ACCEPT))) {
      answer(406, "not_acceptable", "this is a stream of text/event-stream");
      return;
    }
    SseQuery query = SseQuery.of(ctx);
    if (query instanceof SseQuery.Malformed malformed) {
      answer(400, malformed.code(), malformed.message());
      return;
    }
    if (!door.tokenInQuery && SseCallers.showsTokenInQuery(ctx)) {
      answer(400, "token_in_query", "send the token in the Authorization header, and renew it");
      return;
    }
    if (door.opening.incrementAndGet() > door.maxOpening) {
      door.opening.decrementAndGet();
      later(503, "busy", "too many connect at once", door.spread());
      return;
    }
    authenticate((SseQuery.Asked) query);
  }

  private void authenticate(SseQuery.Asked query) {
    response.closeHandler(gone -> leave());
    response.exceptionHandler(broken -> leave());
    timer = context.owner().setTimer(door.openMillis, late -> unavailable("in time"));
    door.callers
        .of(ctx)
        .onComplete(done -> context.runOnContext(here -> authenticated(done, query)));
  }

  private void authenticated(AsyncResult<Authentication> done, SseQuery.Asked query) {
    if (over) {
      return;
    }
    Authentication known = done.result();
    if (known == null) {
      Throwable cause = done.cause();
      LOG.warn("who calls could not be found out: {}", cause == null ? "null" : cause.getClass());
      unavailable("now");
    } else if (known instanceof Authentication.Refused refused) {
      door.hub.state().refusedCaller(refused.reason().code());
      leave();
      response.putHeader("WWW-Authenticate", "Bearer");
      answer(401, refused.reason().code(), refused.reason().publicMessage());
    } else if (known instanceof Authentication.Proven proven) {
      admitted(door.hub.admit(proven.principal()), query);
    }
  }

  private void admitted(Admission admission, SseQuery.Asked query) {
    if (admission instanceof Admission.Refused refused) {
      refuse(refused.refusal());
    } else if (admission instanceof Admission.Admitted admitted) {
      EventConnection opened = admitted.connection();
      connection = opened;
      opened.subscribe(query.request()).onSuccess(answer -> subscribed(opened, answer, query));
    }
  }

  private void subscribed(EventConnection opened, Subscribed answer, SseQuery.Asked query) {
    if (over) {
      opened.close();
      return;
    }
    if (answer instanceof Subscribed.Refused refused) {
      refuse(refused.refusal());
    } else if (answer instanceof Subscribed.Open open) {
      settled();
      new SseStream(door, ctx.request(), context, opened, open.subscription())
          .begin(query.resumes());
    }
  }

  private void refuse(Refusal refusal) {
    leave();
    Code code = refusal.code();
    int status = statusOf(code);
    if (status == 401) {
      response.putHeader("WWW-Authenticate", "Bearer");
    }
    if (status == 429 || status == 503) {
      later(status, code.code(), refusal.message(), refusal.retryAfter().orElse(door.spread()));
    } else {
      answer(status, code.code(), refusal.message());
    }
  }

  static int statusOf(Code code) {
    return switch (code) {
      case CREDENTIALS_EXPIRED -> 401;
      case TOO_MANY_CONNECTIONS, TOO_MANY_SUBSCRIPTIONS, RATE_LIMITED -> 429;
      case BUSY, CLOSED, UNAVAILABLE -> 503;
      case TENANT_REQUIRED,
          FOREIGN_TENANT,
          FORBIDDEN,
          STOPPED,
          OTHER_PRINCIPAL,
          UNDECLARED_TOPIC,
          TOO_LARGE ->
          403;
    };
  }

  private void unavailable(String when) {
    if (!over) {
      leave();
      later(503, "unavailable", "this could not be decided " + when, door.spread());
    }
  }

  /** It is open or refused, or nobody waits for it any more: what was begun is given back. */
  private void leave() {
    settled();
    EventConnection opened = connection;
    if (opened != null) {
      opened.close();
    }
  }

  private void settled() {
    if (!over) {
      over = true;
      door.opening.decrementAndGet();
      context.owner().cancelTimer(timer);
    }
  }

  private void later(int status, String code, String message, Duration wait) {
    response.putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(door.retrySeconds(wait)));
    answer(status, code, message);
  }

  private void answer(int status, String code, String message) {
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .end(new JsonObject().put("error", code).put("message", message).encode());
  }
}
