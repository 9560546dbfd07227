package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks rules that want all objects of a level together, once the level is complete: when the engine
 * has fetched what it can without waiting, and no checked field of that level is still being
 * fetched.
 *
 * <p>A level waits for no other, so that what is loaded level by level cannot wait for itself.
 */
final class ObjectBatches {
  private final Supplier<Optional<Principal>> caller;
  private final Duration timeout;
  private final ObjectTally tally;
  private final Map<Integer, Integer> fetching = new HashMap<>();
  private List<Ask> waiting = new ArrayList<>();
  private int running;

  ObjectBatches(Supplier<Optional<Principal>> caller, Duration timeout, ObjectTally tally) {
    this.caller = caller;
    this.timeout = timeout;
    this.tally = tally;
  }

  /** Some objects that wait for an answer, and what holds for each. */
  private record Ask(
      int level, List<Object> objects, List<TypeAccess> types, CompletableFuture<BitSet> hidden) {}

  /** The engine, or what it waited for, begins to run. */
  synchronized void enter() {
    running++;
  }

  /** It has run as far as it can. */
  void exit() {
    synchronized (this) {
      running--;
    }
    drain();
  }

  synchronized void fetching(int level) {
    fetching.merge(level, 1, Integer::sum);
  }

  synchronized void fetched(int level) {
    fetching.merge(level, -1, Integer::sum);
  }

  /** Which of the objects are hidden, by their places. */
  CompletableFuture<BitSet> ask(int level, List<Object> objects, List<TypeAccess> types) {
    CompletableFuture<BitSet> hidden = new CompletableFuture<>();
    synchronized (this) {
      waiting.add(new Ask(level, objects, types, hidden));
    }
    drain();
    return hidden;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // it never fails
  private void drain() {
    List<Ask> ready = ready();
    if (ready.isEmpty()) {
      return;
    }
    IdentityHashMap<StatedObjects, Round> rounds = new IdentityHashMap<>();
    for (Ask ask : ready) {
      for (int i = 0; i < ask.objects.size(); i++) {
        for (StatedObjects rule : ask.types.get(i).checks()) {
          if (rule.check() instanceof ObjectCheck.Batched batched) {
            rounds.computeIfAbsent(rule, key -> new Round(key, batched.rule())).add(ask, i);
          }
        }
      }
    }
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    rounds.values().forEach(round -> answers.add(round.run()));
    CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .whenComplete((done, failure) -> answer(ready, rounds));
  }

  private synchronized List<Ask> ready() {
    if (running > 0 || waiting.isEmpty()) {
      return List.of();
    }
    List<Ask> ready = new ArrayList<>();
    List<Ask> rest = new ArrayList<>();
    for (Ask ask : waiting) {
      boolean isComplete = fetching.getOrDefault(ask.level, 0) == 0;
      (isComplete ? ready : rest).add(ask);
    }
    waiting = rest;
    return ready;
  }

  private void answer(List<Ask> ready, IdentityHashMap<StatedObjects, Round> rounds) {
    IdentityHashMap<Ask, BitSet> hidden = new IdentityHashMap<>();
    ready.forEach(ask -> hidden.put(ask, new BitSet()));
    rounds.values().forEach(round -> round.hide(hidden));
    enter();
    try {
      hidden.forEach((ask, places) -> ask.hidden.complete(places));
    } finally {
      exit();
    }
  }

  /** One rule, asked once about everything that it holds for. */
  private final class Round {
    private final StatedObjects stated;
    private final ObjectRule rule;
    private final List<Object> objects = new ArrayList<>();
    private final List<Ask> asks = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();
    private @Nullable List<Boolean> visible;

    Round(StatedObjects stated, ObjectRule rule) {
      this.stated = stated;
      this.rule = rule;
    }

    void add(Ask ask, int place) {
      objects.add(ask.objects.get(place));
      asks.add(ask);
      places.add(place);
    }

    CompletableFuture<Void> run() {
      return asked()
          .handle(
              (answer, failure) -> {
                if (answer == null || answer.size() != objects.size()) {
                  tally.broken();
                } else {
                  visible = answer;
                }
                return null;
              });
    }

    private CompletableFuture<List<Boolean>> asked() {
      try {
        Future<List<Boolean>> answer = rule.visible(caller.get(), List.copyOf(objects));
        CompletableFuture<List<Boolean>> future = answer.toCompletionStage().toCompletableFuture();
        return future.isDone()
            ? future
            : future.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    void hide(IdentityHashMap<Ask, BitSet> hidden) {
      List<Boolean> answer = visible;
      for (int i = 0; i < asks.size(); i++) {
        boolean isSeen = answer != null && Boolean.TRUE.equals(answer.get(i));
        if (!isSeen && tally.binds(stated)) {
          BitSet ofAsk = hidden.get(asks.get(i));
          if (ofAsk != null) {
            ofAsk.set(places.get(i));
          }
        }
      }
    }
  }
}
