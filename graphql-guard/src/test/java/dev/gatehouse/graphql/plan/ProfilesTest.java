package dev.gatehouse.graphql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.cost.CostWeights;
import graphql.schema.GraphQLSchema;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProfilesTest {
  private static final int TYPES = 400;
  private static final int THREADS = 8;

  @Test
  void profiles_ofFieldsThatCostDifferently_areNeverOneNumber() throws Exception {
    String sdl =
        IntStream.range(0, TYPES)
            .mapToObj(i -> "type T" + i + " { f: Int @cost(weight: \"" + (i + 1) + "\") }")
            .collect(Collectors.joining("\n", "type Query { q: Int }\n", ""));
    GraphQLSchema schema = CostDirectives.schema(sdl);
    for (int round = 0; round < 20; round++) {
      assertThat(profiles(new SchemaTypes(schema, CostWeights.ofDirectives()))).hasSize(TYPES);
    }
  }

  // all threads meet new profiles at once, each those of other types
  private static ConcurrentHashMap<Integer, Integer> profiles(SchemaTypes types) throws Exception {
    ConcurrentHashMap<Integer, Integer> found = new ConcurrentHashMap<>();
    int[] own =
        IntStream.range(0, types.count())
            .filter(type -> types.object(type).getName().matches("T\\d+"))
            .toArray();
    CountDownLatch start = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> all =
          IntStream.range(0, THREADS)
              .<Future<?>>mapToObj(
                  thread ->
                      threads.submit(
                          () -> {
                            start.await();
                            for (int i = thread; i < own.length; i += THREADS) {
                              found.put(types.profile(own[i], "f"), own[i]);
                            }
                            return null;
                          }))
              .toList();
      start.countDown();
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    return found;
  }
}
