package dev.gatehouse.graphql.http;

import dev.gatehouse.graphql.AllowedOperations;
import dev.gatehouse.graphql.GuardError;
import graphql.ExecutionResult;
import graphql.language.OperationDefinition.Operation;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
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
    if (!(isGet && door.allowsGet) && !request.method().equals(HttpMethod.POST)) {
      request.response().putHeader(HttpHeaders.ALLOW, door.allowsGet ? "GET, POST" : "POST");
      refuse(405, "use POST, or GET for queries");
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
    ctx.addEndHandler(this::over);
    new Intake(
            door.service,
            Transport.HTTP,
            door.bodies,
            door.maxBatch,
            ctx,
            media,
            (origin, asked) -> run(origin, asked, 0))
        .begin();
  }

  /** Runs one request of those asked, and then those after it. */
  private void run(GuardedService.Origin origin, RequestReader.Asked asked, int index) {
    if (gone) {
      return;
    }
    if (index == asked.requests().size()) {
      sendBatch();
      return;
    }
    Set<Operation> kinds =
        isGet ? EnumSet.of(Operation.QUERY) : EnumSet.of(Operation.QUERY, Operation.MUTATION);
    AllowedOperations allowed = AllowedOperations.of(kinds);
    Running next = door.service.run(context, origin, asked.requests().get(index), allowed);
    running = next;
    next.outcome()
        .onSuccess(
            outcome -> {
              if (!(outcome instanceof Outcome.Answer answer)) {
                return;
              }
              Buffer body = write(answer.result(), allowed, next);
              if (asked.isBatch()) {
                answers.add(body);
                // not from within: each that is answered at once would be deeper on the stack
                context.runOnContext(here -> run(origin, asked, index + 1));
              } else {
                HttpAnswer.send(ctx, status, media, body);
              }
            });
  }

  /** The answer's body; its status, with those before it, is noted. */
  private Buffer write(ExecutionResult result, AllowedOperations allowed, Running ended) {
    Optional<Buffer> json = HttpAnswer.json(result.toSpecification());
    if (json.isEmpty()) {
      LOG.warn("an answer holds what JSON cannot say ({})", ended.correlationId());
      GuardError error = Running.internal(ended.correlationId());
      note(StatusRule.of(Running.refusal(error).result(), media));
      return HttpAnswer.error(error);
    }
    boolean isUnsafe = isGet && allowed.hasRefused();
    int own = isUnsafe ? 405 : StatusRule.of(result, media);
    if (own == 401) {
      request.response().putHeader(HttpAnswer.WWW_AUTHENTICATE, "Bearer");
    } else if (own == 405) {
      request.response().putHeader(HttpHeaders.ALLOW, "POST");
    }
    StatusRule.retryAfter(result)
        .ifPresent(
            seconds ->
                request.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds)));
    note(own);
    return json.get();
  }

  // a batch has the status of its answers if they have one
  private void note(int own) {
    status = answers.isEmpty() || status == own ? own : 200;
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

  private void refuse(int code, String message) {
    HttpAnswer.send(ctx, code, media, HttpAnswer.error(message));
  }
}
