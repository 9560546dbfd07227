package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.Filter;
import java.util.ArrayList;
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

    // what the index promises: it may want the event, for all that topic and equalities say
    private boolean mayWant(Event event) {
      Map<?, String> equalities = filter.equalities();
      return topics.matches(event.topic())
          && (equalities.isEmpty()
              || filter.equalities().entrySet().stream()
                  .allMatch(e -> e.getValue().equals(event.attribute(e.getKey().text()))));
    }
  }

  private static Event event(String topic, Map<String, String> attributes) {
    Event.Builder event = Event.builder(topic).tenant(TenantId.of("acme"));
    attributes.forEach(event::attribute);
    return event.build();
  }

  // few texts are compared one by one, many are looked up: both, and the step from one to the other
  @ParameterizedTest
  @ValueSource(ints = {2, 6, 40, 400})
  void subscriptions_thatComeAndGo_areFoundAsOneByOne(int texts) {
    Random random = new Random(texts);
    TenantIndex<Wanted> index = new TenantIndex<>();
    List<Wanted> all = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      boolean comes = all.size() < 10 || (random.nextInt(5) < 3 && all.size() < 600);
      if (comes) {
        Wanted wanted = new Wanted(of(PATTERNS, random), filter(random, texts));
        index.add(wanted);
        all.add(wanted);
      } else {
        index.remove(all.remove(random.nextInt(all.size())));
      }
      Event event =
          event(
              of(TOPICS, random),
              random.nextInt(8) == 0
                  ? Map.of()
                  : Map.of("x", "t" + random.nextInt(texts), "y", "t" + random.nextInt(texts)));

      assertThat(index.matching(event))
          .doesNotHaveDuplicates()
          .containsAll(all.stream().filter(each -> each.mayWant(event)).toList())
          .allMatch(each -> all.contains(each) && each.topics.matches(event.topic()));
    }
    all.forEach(index::remove);

    assertThat(index.isEmpty()).isTrue();
    assertThat(index.matching(event("a.b", Map.of("x", "t0")))).isEmpty();
  }

  private static String filter(Random random, int texts) {
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> "x = 't" + random.nextInt(texts) + "'";
      case 2 -> "y = 't" + random.nextInt(texts) + "' and z > 3";
      default -> "x = 't0' or z > 3";
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
