package dev.gatehouse.graphql.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.dataloader.BatchLoaderEnvironment;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderRegistry;
import org.dataloader.scheduler.BatchLoaderScheduler;

/**
 * Data loaders that end with their request: what a batch function returned is cancelled, and no
 * further batch begins.
 */
final class CancelledLoaders {
  private CancelledLoaders() {}

  /** The same loaders, bound to the cancellation. */
  static DataLoaderRegistry bind(DataLoaderRegistry registry, Cancellation cancellation) {
    DataLoaderRegistry bound = new DataLoaderRegistry();
    registry
        .getDataLoadersMap()
        .forEach((name, loader) -> bound.register(name, bind(loader, cancellation)));
    return bound;
  }

  private static <K, V> DataLoader<K, V> bind(DataLoader<K, V> loader, Cancellation cancellation) {
    BatchLoaderScheduler given = loader.getOptions().getBatchLoaderScheduler();
    BatchLoaderScheduler next = given == null ? new AtOnce() : given;
    return loader.transform(
        builder ->
            builder.options(
                loader
                    .getOptions()
                    .transform(
                        options ->
                            options.setBatchLoaderScheduler(new Bound(next, cancellation)))));
  }

  /** What happens where a loader has no scheduler of its own. */
  private static final class AtOnce implements BatchLoaderScheduler {
    @Override
    public <K, V> CompletionStage<List<V>> scheduleBatchLoader(
        ScheduledBatchLoaderCall<V> call, List<K> keys, BatchLoaderEnvironment environment) {
      return call.invoke();
    }

    @Override
    public <K, V> CompletionStage<Map<K, V>> scheduleMappedBatchLoader(
        ScheduledMappedBatchLoaderCall<K, V> call,
        List<K> keys,
        BatchLoaderEnvironment environment) {
      return call.invoke();
    }

    @Override
    public <K> void scheduleBatchPublisher(
        ScheduledBatchPublisherCall call, List<K> keys, BatchLoaderEnvironment environment) {
      call.invoke();
    }
  }

  private record Bound(BatchLoaderScheduler next, Cancellation cancellation)
      implements BatchLoaderScheduler {
    @Override
    public <K, V> CompletionStage<List<V>> scheduleBatchLoader(
        ScheduledBatchLoaderCall<V> call, List<K> keys, BatchLoaderEnvironment environment) {
      return ended(next.scheduleBatchLoader(() -> begun(call::invoke), keys, environment));
    }

    @Override
    public <K, V> CompletionStage<Map<K, V>> scheduleMappedBatchLoader(
        ScheduledMappedBatchLoaderCall<K, V> call,
        List<K> keys,
        BatchLoaderEnvironment environment) {
      return ended(next.scheduleMappedBatchLoader(() -> begun(call::invoke), keys, environment));
    }

    @Override
    public <K> void scheduleBatchPublisher(
        ScheduledBatchPublisherCall call, List<K> keys, BatchLoaderEnvironment environment) {
      if (!cancellation.isCancelled()) {
        next.scheduleBatchPublisher(call, keys, environment);
      }
    }

    private <T> CompletionStage<T> begun(Supplier<CompletionStage<T>> batch) {
      if (cancellation.isCancelled()) {
        return CompletableFuture.failedFuture(new CancellationException());
      }
      return ended(batch.get());
    }

    // what is scheduled too: a scheduler that waits would hold what the engine waits for
    private <T> CompletionStage<T> ended(CompletionStage<T> running) {
      Cancellation.Registration registration =
          cancellation.onCancel(() -> running.toCompletableFuture().cancel(true));
      // a subscription loads for as long as it is open, and must not keep what it has loaded
      CompletionStage<T> unused = running.whenComplete((done, failed) -> registration.remove());
      return running;
    }
  }
}
