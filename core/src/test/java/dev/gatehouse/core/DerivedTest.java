package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class DerivedTest {
  private static Function<String, Object> maker(AtomicInteger runs) {
    return text -> {
      runs.incrementAndGet();
      return List.of(text);
    };
  }

  @Test
  void maker_isAskedOnce_andEachForItself() {
    AtomicInteger runs = new AtomicInteger();
    Derived<String> derived = new Derived<>("a");
    Function<String, Object> one = maker(runs);
    Function<String, Object> other = maker(runs);

    Object first = derived.by(one);
    assertThat(derived.by(one)).isSameAs(first);
    assertThat(derived.by(other)).isNotSameAs(first);
    assertThat(derived.by(one)).isSameAs(first);
    assertThat(runs).hasValue(2);
  }

  @Test
  void makers_beyondTheMost_areServedAndNotKept() {
    AtomicInteger runs = new AtomicInteger();
    Derived<String> derived = new Derived<>("a");
    List<Function<String, Object>> makers = new ArrayList<>();
    List<Object> made = new ArrayList<>();
    for (int i = 0; i < Derived.MOST + 1; i++) {
      makers.add(maker(runs));
      made.add(derived.by(makers.get(i)));
    }
    for (int i = 0; i < Derived.MOST; i++) {
      assertThat(derived.by(makers.get(i))).isSameAs(made.get(i));
    }
    assertThat(derived.by(makers.get(Derived.MOST))).isEqualTo(List.of("a"));
    assertThat(runs).hasValue(Derived.MOST + 2);
  }

  @Test
  void whatNobodyUses_isNotKept() {
    AtomicInteger runs = new AtomicInteger();
    Derived<String> derived = new Derived<>("a");
    Function<String, Object> one = maker(runs);
    while (runs.get() < 2) {
      assertThat(derived.by(one)).isEqualTo(List.of("a"));
      System.gc();
    }
  }

  @Test
  void maker_thatFails_isAskedAgain() {
    AtomicInteger runs = new AtomicInteger();
    Derived<String> derived = new Derived<>("a");
    Function<String, Object> failing =
        text -> {
          if (runs.incrementAndGet() == 1) {
            throw new IllegalStateException("first");
          }
          return text;
        };
    assertThatThrownBy(() -> derived.by(failing)).hasMessage("first");
    assertThat(derived.by(failing)).isEqualTo("a");
  }

  @Test
  void maker_whomManyAskAtOnce_runsOnce() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    Derived<String> derived = new Derived<>("a");
    Function<String, Object> one = maker(runs);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      CountDownLatch go = new CountDownLatch(1);
      List<Future<Object>> all = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        all.add(
            pool.submit(
                () -> {
                  go.await();
                  return derived.by(one);
                }));
      }
      go.countDown();
      Object first = all.get(0).get();
      for (Future<Object> each : all) {
        assertThat(each.get()).isSameAs(first);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(runs).hasValue(1);
  }
}
