package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.Filter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TenantIndexTest {
  private static final List<String> PATTERNS =
      List.of("a", "a.b", "a.c", "a.*", "a.>", ">", "*.b", "b.c", "a.b.c");
  private static final List<String> TOPICS = List.of("a", "a.b", "a.c", "b.b", "b.c", "a.b.c", "z");

  /** A subscription. */
  private static final class Wanted extends TenantIndex.Entry {
    private final TopicPattern topics;
    private final Filter filter;

    private Wanted(String pattern, String filter) {
      this.topics = TopicPattern.of(pattern);
      this.filter = filter.isEmpty() ? Filter.all() : Filter.parse(filter);
    }

    @Override
    TopicPattern topics() {
      return topics;
    }

    @Override
    Filter filter() {
      return filter;
    }

    private boolean wants(Event event) {
      EventView view = EventView.of(event, Mask.none());
      return topics.matches(event.topic()) && view != null && filter.matches(view);
    }
  }

  private static Event event(String topic, Map<String, String> attributes) {
    Event.Builder event = Event.builder(topic).tenant(TenantId.of("acme"));
    attributes.forEach(event::attribute);
    return event.build();
  }

  // Few texts are compared one by one, many are looked up: both, and the step from one to the
  // other.
  // Of 14 names a pattern indexes eight.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6, 400})
  void subscriptions_thatComeAndGo_areFoundAsByGoingThroughAll(int texts) {
    Random random = new Random(texts);
    TenantIndex<Wanted> index = new TenantIndex<>();
    List<Wanted> all = new ArrayList<>();
    int most = 20;
    for (int step = 0; step < 6_000; step++) {
      most = step % 200 == 0 ? 5 + random.nextInt(300) : most;
      if (all.size() < most && random.nextInt(3) > 0) {
        Wanted wanted = new Wanted(of(PATTERNS, random), filter(random, texts));
        index.add(wanted);
        all.add(wanted);
      } else if (!all.isEmpty()) {
        index.remove(all.remove(random.nextInt(all.size())));
      }
      Event event = event(of(TOPICS, random), attributes(random, texts));
      List<Wanted> found = index.matching(event);

      assertThat(found).doesNotHaveDuplicates().isSubsetOf(all);
      assertThat(found.stream().filter(each -> each.wants(event)))
          .containsExactlyInAnyOrderElementsOf(
              all.stream().filter(each -> each.wants(event)).toList());
      assertThat(index.size()).isEqualTo(all.size());
    }
    all.forEach(index::remove);

    assertThat(index.isEmpty()).isTrue();
  }

  private static Map<String, String> attributes(Random random, int texts) {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < 14; i++) {
      if (random.nextBoolean()) {
        attributes.put("k" + i, "v" + random.nextInt(texts));
      }
    }
    return attributes;
  }

  // the first names are far more frequent, so that there are topics with few texts too
  private static String filter(Random random, int texts) {
    int n = random.nextInt(4) == 0 ? random.nextInt(14) : 0;
    String wanted = "k" + n + " = 'v" + random.nextInt(texts) + "'";
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> wanted;
      case 2 -> wanted + " and k" + (n + 1) % 14 + " = 'v0'";
      default -> "k" + n + " != 'v0'";
    };
  }

  private static String of(List<String> some, Random random) {
    return some.get(random.nextInt(some.size()));
  }

  @Test
  void attribute_withAnotherText_keepsASubscriptionOut() {
    TenantIndex<Wanted> index = new TenantIndex<>();
    Wanted eu = new Wanted("a.*", "x = 'eu'");
    Wanted us = new Wanted("a.b", "x = 'us'");
    Wanted any = new Wanted(">", "");
    List.of(eu, us, any).forEach(index::add);

    assertThat(index.matching(event("a.b", Map.of("x", "eu")))).containsExactlyInAnyOrder(eu, any);
    assertThat(index.matching(event("a.b", Map.of("x", "us")))).containsExactlyInAnyOrder(us, any);
    assertThat(index.matching(event("a.b", Map.of()))).containsExactly(any);
  }

  @Test
  void matches_areAsTheyWere_whenSomebodyLeavesMeanwhile() {
    TenantIndex<Wanted> index = new TenantIndex<>();
    Wanted one = new Wanted("a.b", "");
    Wanted two = new Wanted("a.*", "");
    index.add(one);
    index.add(two);
    List<Wanted> found = index.matching(event("a.b", Map.of()));
    index.remove(one);
    index.add(new Wanted("a.b", ""));

    assertThat(found).containsExactlyInAnyOrder(one, two);
  }

  @Test
  void subscription_addedTwice_isInItOnce() {
    TenantIndex<Wanted> index = new TenantIndex<>();
    Wanted wanted = new Wanted("a.b", "");
    index.add(wanted);
    index.add(wanted);

    assertThat(index.matching(event("a.b", Map.of()))).containsExactly(wanted);
    index.remove(wanted);
    assertThat(index.isEmpty()).isTrue();
  }

  @Test
  void topics_ofManyNames_areForgottenAndFoundAnew() {
    TenantIndex<Wanted> index = new TenantIndex<>();
    List<Wanted> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      Wanted wanted = new Wanted("a.>", "");
      index.add(wanted);
      all.add(wanted);
    }
    for (int i = 0; i < 2_000; i++) {
      assertThat(index.matching(event("a.t" + i % 500, Map.of()))).hasSameSizeAs(all);
    }
  }
}
