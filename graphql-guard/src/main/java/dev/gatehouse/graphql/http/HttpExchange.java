package dev.gatehouse.graphql.http;

import dev.gatehouse.graphql.AllowedOperations;
import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GuardError;
import graphql.ExecutionResult;
import graphql.language.OperationDefinition.Operation;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request's way through a {@link GraphQLGuardHandler}; it lives on the request's context. */
final class HttpExchange {
  private static final Logger LOG = LoggerFactory.getLogger(GraphQLGuardHandler.class);

  private final GraphQLGuardHandler door;
  private final RoutingContext ctx;
  private final HttpServerRequest request;
  private final Context context;
  private final boolean isGet;
  private final List<Buffer> answers = new ArrayList<>();
  private MediaType media = MediaType.JSON;
  private Set<Operation> kinds = EnumSet.of(Operation.QUERY, Operation.MUTATION);
  private GuardedService.@Nullable Origin origin;
  private @Nullable Running running;
  private int status;
  private boolean gone;

  HttpExchange(GraphQLGuardHandler door, RoutingContext ctx) {
    this.door = door;
    this.ctx = ctx;
    this.request = ctx.request();
    this.context = ctx.vertx().getOrCreateContext();
    this.isGet = request.method().equals(HttpMethod.GET);
  }

  void begin() {
    ctx.addEndHandler(this::over);
    if (!(isGet && door.allowsGet) && !request.method().equals(HttpMethod.POST)) {
      notAllowed(door.allowsGet ? "GET, POST" : "POST", "use POST, or GET for queries");
      return;
    }
    Optional<MediaType> accepted = MediaType.accepted(request.headers().getAll(HttpHeaders.ACCEPT));
    if (accepted.isEmpty()) {
      refuse(406, "answers are application/graphql-response+json or application/json");
      return;
    }
    media = accepted.get();
    if (door.preflightHeader != null && !request.headers().contains(door.preflightHeader)) {
      refuse(400, "the header " + door.preflightHeader + " is missing");
      return;
    }
    if (isGet) {
      kinds = EnumSet.of(Operation.QUERY);
    } else if (!MediaType.isJsonRequest(request.headers().getAll(HttpHeaders.CONTENT_TYPE))) {
      refuse(415, "the body must be application/json, in UTF-8");
      return;
    }
    authenticate();
  }

  private void authenticate() {
    // what comes until somebody listens would be lost
    if (!request.isEnded()) {
      request.pause();
    }
    door.service.callers.of(ctx).onComplete(who -> onContext(() -> known(who)));
  }

  private void known(AsyncResult<Callers.Caller> who) {
    if (who.failed()) {
      LOG.warn("nobody could say who calls: {}", who.cause().getClass().getName());
      request.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
      refuse(503, "who calls cannot be told at present");
      return;
    }
    if (who.result() instanceof Callers.Caller.Refused refused) {
      refuse(refused);
      return;
    }
    Callers.Caller.Of caller = (Callers.Caller.Of) who.result();
    if (caller.principal().isEmpty() && door.service.callers.requiresPrincipal()) {
      unauthenticated("Bearer", "a credential is needed");
      return;
    }
    origin = door.service.origin(ctx, Transport.HTTP, caller.principal());
    if (isGet) {
      byGet();
    } else {
      byPost();
    }
  }

  private void byGet() {
    if (!request.isEnded()) {
      request.resume();
    }
    Optional<MultiMap> query = query();
    Optional<OperationRequest> asked = query.flatMap(RequestReader::ofQuery);
    if (asked.isEmpty()) {
      refuse(400, "the URL's parameters are no GraphQL request");
      return;
    }
    run(new RequestReader.Asked(List.of(asked.get()), false), 0);
  }

  private void byPost() {
    if (query().map(RequestReader::hasParameters).orElse(true)) {
      refuse(400, "the parameters of a POST belong into its body");
      return;
    }
    door.bodies.read(ctx).onComplete(body -> onContext(() -> haveBody(body)));
  }

  private Optional<MultiMap> query() {
    try {
      return Optional.of(ctx.queryParams());
    } catch (RuntimeException malformed) {
      return Optional.empty();
    }
  }

  private void haveBody(AsyncResult<Buffer> body) {
    if (body.failed()) {
      boolean known = body.cause() instanceof RequestBody.Refused;
      refuse(
          known ? ((RequestBody.Refused) body.cause()).status : 400,
          known ? String.valueOf(body.cause().getMessage()) : "the body cannot be read");
      return;
    }
    Optional<RequestReader.Asked> asked = RequestReader.ofBody(body.result(), door.maxBatch);
    if (asked.isEmpty()) {
      refuse(400, "the body is no GraphQL request");
      return;
    }
    run(asked.get(), 0);
  }

  /** Runs one request of those asked, and then those after it. */
  private void run(RequestReader.Asked asked, int index) {
    GuardedService.Origin from = origin;
    if (gone || from == null) {
      return;
    }
    if (index == asked.requests().size()) {
      sendBatch();
      return;
    }
    AllowedOperations allowed = AllowedOperations.of(kinds);
    Running next = door.service.run(context, from, asked.requests().get(index), allowed);
    running = next;
    next.outcome()
        .onSuccess(
            outcome -> {
              if (outcome instanceof Outcome.Answer answer) {
                answered(answer.result(), allowed, next, asked, index);
              }
            });
  }

  private void answered(
      ExecutionResult result,
      AllowedOperations allowed,
      Running ended,
      RequestReader.Asked asked,
      int index) {
    boolean isUnsafe = isGet && allowed.hasRefused();
    Optional<Buffer> body = HttpAnswer.json(result.toSpecification());
    Buffer json = body.orElseGet(() -> HttpAnswer.error(unwritable(ended)));
    int own =
        body.isEmpty()
            ? media == MediaType.JSON ? 200 : 500
            : isUnsafe ? 405 : StatusRule.of(result, media);
    if (own == 401 || own == 405) {
      request
          .response()
          .putHeader(
              own == 401 ? HttpAnswer.WWW_AUTHENTICATE : HttpHeaders.ALLOW,
              own == 401 ? "Bearer" : "POST");
    }
    StatusRule.retryAfter(result)
        .ifPresent(
            seconds ->
                request.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds)));
    if (!asked.isBatch()) {
      HttpAnswer.send(ctx, own, media, json);
      return;
    }
    answers.add(json);
    status = index == 0 || status == own ? own : 200;
    run(asked, index + 1);
  }

  private static GuardError unwritable(Running ended) {
    LOG.warn("an answer holds what JSON cannot say ({})", ended.correlationId());
    return Running.internal(ended.correlationId());
  }

  private void sendBatch() {
    Buffer all = Buffer.buffer("[");
    for (int i = 0; i < answers.size(); i++) {
      all.appendString(i == 0 ? "" : ",").appendBuffer(answers.get(i));
    }
    HttpAnswer.send(ctx, status, media, all.appendString("]"));
  }

  private void over(AsyncResult<Void> end) {
    gone = true;
    if (running != null && end.failed()) {
      running.cancel();
    }
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

  private void refuse(Callers.Caller.Refused refused) {
    if (refused.status() == Callers.UNAUTHORIZED) {
      unauthenticated("Bearer error=\"invalid_token\"", refused.why().publicMessage());
      return;
    }
    HttpAnswer.send(
        ctx,
        refused.status(),
        media,
        HttpAnswer.error(GuardError.of(ErrorCode.FORBIDDEN, refused.why().publicMessage())));
  }

  private void unauthenticated(String challenge, String message) {
    request.response().putHeader(HttpAnswer.WWW_AUTHENTICATE, challenge);
    HttpAnswer.send(
        ctx, 401, media, HttpAnswer.error(GuardError.of(ErrorCode.UNAUTHENTICATED, message)));
  }

  private void notAllowed(String allow, String message) {
    request.response().putHeader(HttpHeaders.ALLOW, allow);
    refuse(405, message);
  }

  private void refuse(int code, String message) {
    HttpAnswer.send(ctx, code, media, HttpAnswer.error(message));
  }
}
