package dev.gatehouse.webhook;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;

/** A question to a store or a limiter, whoever wrote it: there is an answer, or a failure. */
final class Inquiry {
  private Inquiry() {}

  /** The answer: what is thrown and what is no answer are failures. */
  static <T> Future<T> ask(Supplier<Future<T>> question) {
    try {
      Future<T> answer = question.get();
      if (answer == null) {
        return noAnswer();
      }
      if (!answer.isComplete()) {
        return answer.compose(is -> is == null ? noAnswer() : Future.succeededFuture(is));
      }
      return answer.succeeded() && answer.result() == null ? noAnswer() : answer;
    } catch (Throwable e) { // an Error too, such as no memory: it must not leave a client waiting
      return Future.failedFuture(e);
    }
  }

  private static <T> Future<T> noAnswer() {
    return Future.failedFuture(new NullPointerException("there was null instead of an answer"));
  }

  /** Continues on that context, at once if the answer is there. */
  static <T> void onContext(Context context, Future<T> answer, Handler<AsyncResult<T>> next) {
    if (answer.isComplete()) {
      next.handle(answer);
      return;
    }
    answer.onComplete(
        done -> {
          if (Vertx.currentContext() == context) {
            next.handle(done);
          } else {
            context.runOnContext(run -> next.handle(done));
          }
        });
  }

  /** The same answer on that context, or a failure once it took longer. */
  static <T> Future<T> within(Duration patience, Vertx vertx, Context context, Future<T> answer) {
    Promise<T> bounded = Promise.promise();
    long timer = vertx.setTimer(patience.toMillis(), late -> bounded.tryFail("no answer in time"));
    onContext(
        context,
        answer,
        done -> {
          vertx.cancelTimer(timer);
          if (done.succeeded()) {
            bounded.tryComplete(done.result());
          } else {
            bounded.tryFail(done.cause());
          }
        });
    return bounded.future();
  }
}
