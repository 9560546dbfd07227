package dev.gatehouse.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Consumer;

/** Published messages of some channels, which wake and are not relied upon. */
final class RedisWakes {
  private final Vertx vertx;
  private final StatefulRedisPubSubConnection<String, String> connection;

  RedisWakes(Vertx vertx, StatefulRedisPubSubConnection<String, String> connection) {
    this.vertx = vertx;
    this.connection = connection;
  }

  /**
   * Calls back on the connection's thread.
   *
   * @param back when the channel is heard again, after messages may have been missed
   */
  void listen(String channel, Consumer<String> message, Runnable back) {
    connection.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String from, String text) {
            if (from.equals(channel)) {
              message.accept(text);
            }
          }

          @Override
          public void subscribed(String to, long count) {
            if (to.equals(channel)) {
              back.run();
            }
          }
        });
  }

  Future<Void> subscribe(String channel) {
    return Future.fromCompletionStage(
        connection.async().subscribe(channel), vertx.getOrCreateContext());
  }

  Future<Void> unsubscribe(String channel) {
    return Future.fromCompletionStage(
        connection.async().unsubscribe(channel), vertx.getOrCreateContext());
  }
}
