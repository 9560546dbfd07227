package dev.gatehouse.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One connection, shared and pipelined; answers come back on the context that asked.
 *
 * <p>Whatever cannot be answered fails its future: within the command timeout, and at once while
 * there is no connection or the queue is full.
 */
final class RedisLink {
  private final Vertx vertx;
  private final StatefulRedisConnection<byte[], byte[]> connection;

  RedisLink(Vertx vertx, StatefulRedisConnection<byte[], byte[]> connection) {
    this.vertx = vertx;
    this.connection = connection;
  }

  StatefulRedisConnection<byte[], byte[]> connection() {
    return connection;
  }

  /** Sends a command. */
  <T> Future<T> ask(Function<RedisAsyncCommands<byte[], byte[]>, CompletionStage<T>> command) {
    try {
      return Future.fromCompletionStage(
          command.apply(connection.async()), vertx.getOrCreateContext());
    } catch (RuntimeException | Error refused) {
      return Future.failedFuture(refused);
    }
  }

  /** Runs a script by its name, or whole where the server does not know it yet or any more. */
  <T> Future<T> run(Script script, ScriptOutputType type, byte[][] keys, byte[]... arguments) {
    return this.<T>ask(redis -> redis.evalsha(script.sha1(), type, keys, arguments))
        .recover(
            failure ->
                failure instanceof RedisNoScriptException
                    ? ask(redis -> redis.eval(script.text(), type, keys, arguments))
                    : Future.failedFuture(failure));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(long number) {
    return bytes(Long.toString(number));
  }

  static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }
}
