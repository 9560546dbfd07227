package dev.gatehouse.graphql.http;

import java.util.function.Function;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderRegistry;

/**
 * What a request of a service without data loaders finds in their place. It takes none: all
 * requests share it, and what a loader keeps is one caller's.
 */
final class NoLoaders extends DataLoaderRegistry {
  static final NoLoaders INSTANCE = new NoLoaders();

  private NoLoaders() {}

  @Override
  public DataLoaderRegistry register(DataLoader<?, ?> loader) {
    throw refused();
  }

  @Override
  public DataLoaderRegistry register(String key, DataLoader<?, ?> loader) {
    throw refused();
  }

  @Override
  public <K, V> DataLoader<K, V> registerAndGet(String key, DataLoader<?, ?> loader) {
    throw refused();
  }

  @Override
  public <K, V> DataLoader<K, V> computeIfAbsent(
      String key, Function<String, DataLoader<?, ?>> maker) {
    throw refused();
  }

  @Override
  public DataLoaderRegistry unregister(String key) {
    throw refused();
  }

  private static IllegalStateException refused() {
    return new IllegalStateException(
        "this service has no data loaders: give GuardedService's builder a function that makes each"
            + " request's, dataLoaders(context -> new DataLoaderRegistry())");
  }
}
