package dev.gatehouse.graphql.http;

import dev.gatehouse.graphql.AllowedOperations;
import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GuardError;
import dev.gatehouse.graphql.access.SharedAnswer;
import graphql.ExecutionResult;
import graphql.GraphQLError;
import io.vertx.core.Context;
import io.vertx.core.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One operation of a socket: its answer, or its events one after the other. */
final class SocketOperation implements EventPump.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(GraphQLSocketHandler.class);

  /** What a message carries of an answer; empty if JSON has no words for it. */
  @SuppressWarnings("UnnecessaryLambda") // known by its instance
  private static final Function<ExecutionResult, Optional<String>> PAYLOAD =
      answer -> HttpAnswer.text(answer.toSpecification());

  private final SocketSession session;
  private final Context context;
  private final String id;
  private final String nextHead;
  private @Nullable AllowedOperations asked;
  private @Nullable Running running;
  private @Nullable EventPump pump;
  private boolean over;

  SocketOperation(SocketSession session, Context context, String id) {
    this.session = session;
    this.context = context;
    this.id = id;
    this.nextHead = "{\"id\":" + Json.encode(id) + ",\"type\":\"next\",\"payload\":";
  }

  String id() {
    return id;
  }

  void begin(Running begun, AllowedOperations allowed) {
    running = begun;
    asked = allowed;
    begun.outcome().onSuccess(this::known);
  }

  private void known(Outcome outcome) {
    if (over) {
      if (outcome instanceof Outcome.Stream stream) {
        EventPump.discard(stream.events());
      }
      return;
    }
    if (outcome instanceof Outcome.Answer answer) {
      answered(answer.result());
    } else if (outcome instanceof Outcome.Stream stream) {
      pump = EventPump.start(context, stream.events(), session::isFull, this);
    }
  }

  private void answered(ExecutionResult result) {
    if (!result.isDataPresent() && !result.getErrors().isEmpty()) {
      fail(result.getErrors());
      return;
    }
    if (!session.send(id, "next", result.toSpecification())) {
      fail(unwritable());
      return;
    }
    finish("complete", null);
  }

  @Override
  public int next(ExecutionResult event) {
    if (over) {
      return 0;
    }
    Optional<String> payload =
        event instanceof SharedAnswer shared ? shared.once(PAYLOAD) : PAYLOAD.apply(event);
    if (payload.isEmpty()) {
      fail(unwritable());
      return 0;
    }
    String message = nextHead + payload.get() + "}";
    session.send(message);
    session.eventSent();
    return message.length();
  }

  @Override
  public void ended(@Nullable Throwable failure) {
    if (over) {
      return;
    }
    if (failure == null) {
      finish("complete", null);
      return;
    }
    fail(List.of(Running.ended(failure, correlationId())));
  }

  /** Ends it if a kill switch means it by that name. */
  void stopIfCalled(String name) {
    AllowedOperations known = asked;
    if (known != null && known.isCalled(name)) {
      fail(List.of(GuardError.of(ErrorCode.OPERATION_NOT_ALLOWED, "the operation is stopped")));
    }
  }

  private List<GraphQLError> unwritable() {
    LOG.warn("an answer holds what JSON cannot say ({})", correlationId());
    return List.of(Running.internal(correlationId()));
  }

  private String correlationId() {
    Running known = running;
    return known == null ? "" : known.correlationId();
  }

  private void fail(List<? extends GraphQLError> errors) {
    finish("error", errors.stream().map(GraphQLError::toSpecification).toList());
  }

  private void finish(String type, @Nullable Object payload) {
    if (over) {
      return;
    }
    session.forget(this);
    cancel();
    session.send(id, type, payload);
  }

  void roomAgain() {
    EventPump known = pump;
    if (known != null) {
      known.roomAgain();
    }
  }

  /** Nobody wants it any more. */
  void cancel() {
    over = true;
    EventPump events = pump;
    if (events != null) {
      events.cancel();
    }
    Running known = running;
    if (known != null) {
      known.cancel();
    }
  }
}
