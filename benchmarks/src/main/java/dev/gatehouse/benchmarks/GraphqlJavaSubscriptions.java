package dev.gatehouse.benchmarks;

import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** The subscription by graphql-java, without guard and hub: what it costs before Gatehouse. */
final class GraphqlJavaSubscriptions extends UnguardedSockets {
  private final Multicast<Map<String, Object>> orders = new Multicast<>();
  private final GraphQL graphql =
      GraphQL.newGraphQL(OrderSubscription.schema(env -> orders)).build();

  GraphqlJavaSubscriptions(Vertx vertx) {
    super(vertx);
    listen();
  }

  @Override
  void acknowledged(ServerWebSocket socket) {}

  @Override
  void subscribed(ServerWebSocket socket, String document) {
    ExecutionInput input = ExecutionInput.newExecutionInput(document).build();
    Future.fromCompletionStage(graphql.executeAsync(input))
        .onSuccess(result -> events(result).subscribe(new Writer(socket)))
        .onFailure(failure -> socket.close());
  }

  private static Publisher<ExecutionResult> events(ExecutionResult result) {
    Publisher<ExecutionResult> events = result.getData();
    return Objects.requireNonNull(events, () -> result.getErrors().toString());
  }

  @Override
  void publish(JsonObject order) {
    orders.publish(order.getMap());
  }

  @Override
  public void revoke() {
    orders.complete();
  }

  /** Asks for the next event when the socket has room for it. */
  private static final class Writer implements Subscriber<ExecutionResult> {
    private final ServerWebSocket socket;
    private @Nullable Subscription source;
    private boolean waits;

    Writer(ServerWebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      source = subscription;
      socket.closeHandler(gone -> subscription.cancel());
      socket.drainHandler(drained -> drained());
      subscription.request(1);
    }

    @Override
    public void onNext(ExecutionResult result) {
      socket.writeTextMessage(OrderSubscription.next(result.toSpecification()));
      waits = socket.writeQueueFull();
      askUnlessFull();
    }

    private void drained() {
      if (waits) {
        waits = false;
        askUnlessFull();
      }
    }

    private void askUnlessFull() {
      Subscription known = source;
      if (!waits && known != null) {
        known.request(1);
      }
    }

    @Override
    public void onError(Throwable failure) {
      socket.close();
    }

    @Override
    public void onComplete() {
      socket.close();
    }
  }
}
