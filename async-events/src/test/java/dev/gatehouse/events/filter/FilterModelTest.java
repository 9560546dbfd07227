package dev.gatehouse.events.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random filters on random events, held against a meaning that shares no code with them. */
class FilterModelTest {
  @Test
  void filter_any_meansWhatTheModelSays() {
    Random random = new Random(20260301);
    int passed = 0;
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      FilterModel model = FilterModel.random(random, 4);
      Filter filter = Filter.parse(model.text());
      Filter again = Filter.parse(filter.text());
      for (int j = 0; j < 5; j++) {
        Map<String, Object> event = FilterModel.event(random);
        boolean expected = model.passes(event);
        assertThat(filter.matches(path -> event.get(path.text())))
            .as("%s on %s", model.text(), event)
            .isEqualTo(expected);
        assertThat(again.matches(path -> event.get(path.text()))).isEqualTo(expected);
        passed += expected ? 1 : 0;
        refused += expected ? 0 : 1;
      }
    }
    assertThat(passed).isGreaterThan(10_000);
    assertThat(refused).isGreaterThan(10_000);
  }

  @Test
  void equalities_any_areTrueOfEverythingThatPasses() {
    Random random = new Random(5);
    int seen = 0;
    for (int i = 0; i < 60_000; i++) {
      Filter filter = Filter.parse(FilterModel.random(random, 2).text());
      Map<String, Object> event = FilterModel.event(random);
      if (filter.matches(path -> event.get(path.text()))) {
        filter
            .equalities()
            .forEach((path, text) -> assertThat(event.get(path.text())).isEqualTo(text));
        seen += filter.equalities().size();
      }
    }
    assertThat(seen).isGreaterThan(10);
  }
}
