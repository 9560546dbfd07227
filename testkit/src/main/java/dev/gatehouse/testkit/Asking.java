package dev.gatehouse.testkit;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How contracts ask what they test. */
final class Asking {
  private static final int THREADS = 8;

  private Asking() {}

  /** Asks so often from several threads, and waits for all. */
  static <T> List<T> atOnce(int times, Callable<T> task) {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<T> answers = new ArrayList<>();
      for (java.util.concurrent.Future<T> each :
          threads.invokeAll(Collections.nCopies(times, task))) {
        answers.add(each.get());
      }
      return answers;
    } catch (ExecutionException e) {
      throw new AssertionError("one of them failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Whether a call is refused: with an {@link IllegalArgumentException}, or a failed future. */
  static boolean refuses(Callable<Future<?>> call) {
    Future<?> answer;
    try {
      answer = call.call();
    } catch (Exception refused) {
      return refused instanceof IllegalArgumentException;
    }
    try {
      answer.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      return false;
    } catch (ExecutionException refused) {
      return true;
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within 20 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
