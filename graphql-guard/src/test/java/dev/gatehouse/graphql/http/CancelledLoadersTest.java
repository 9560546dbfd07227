package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.dataloader.BatchLoader;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderFactory;
import org.dataloader.DataLoaderRegistry;
import org.junit.jupiter.api.Test;

class CancelledLoadersTest {
  private final Cancellation cancellation = new Cancellation();

  private DataLoader<Integer, String> bound(BatchLoader<Integer, String> batches) {
    DataLoaderRegistry registry = new DataLoaderRegistry();
    registry.register("texts", DataLoaderFactory.newDataLoader(batches));
    return CancelledLoaders.bind(registry, cancellation).getDataLoader("texts");
  }

  @Test
  void batches_thatAreLoaded_leaveNoListeners() {
    DataLoader<Integer, String> loader =
        bound(
            keys ->
                keys.contains(7)
                    ? CompletableFuture.failedFuture(new IllegalStateException())
                    : CompletableFuture.completedFuture(List.of("x")));
    for (int i = 0; i < 100; i++) {
      CompletableFuture<String> text = loader.load(i);
      loader.dispatchWithCounts();
      assertThat(text).isDone();
    }
    assertThat(cancellation.listeners()).isZero();
  }

  @Test
  void batch_thatRuns_isCancelledAndForgottenWhenItEnds() {
    CompletableFuture<List<String>> running = new CompletableFuture<>();
    CompletableFuture<List<String>> hanging = new CompletableFuture<>();
    DataLoader<Integer, String> loader = bound(keys -> keys.contains(1) ? running : hanging);
    CompletableFuture<String> first = loader.load(1);
    loader.dispatchWithCounts();
    assertThat(cancellation.listeners()).isPositive();
    running.complete(List.of("x"));
    assertThat(first).isCompletedWithValue("x");
    assertThat(cancellation.listeners()).isZero();

    CompletableFuture<String> second = loader.load(2);
    loader.dispatchWithCounts();
    cancellation.cancel();
    assertThat(hanging).isCancelled();
    assertThat(second).isCompletedExceptionally();
    assertThat(cancellation.listeners()).isZero();
  }

  @Test
  void listener_thatIsRemoved_hearsNothing() {
    AtomicInteger heard = new AtomicInteger();
    Runnable listener = heard::incrementAndGet;
    cancellation.onCancel(listener).remove();
    Cancellation.Registration twice = cancellation.onCancel(listener);
    cancellation.onCancel(listener);
    twice.remove();
    twice.remove();
    cancellation.cancel();
    assertThat(heard).hasValue(1);
    cancellation.onCancel(listener).remove();
    assertThat(heard).hasValue(2);
  }
}
