package dev.gatehouse.events.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  private static final Map<String, Object> EVENT =
      Map.of(
          "type",
          "order.paid",
          "region",
          "eu",
          "count",
          3L,
          "express",
          true,
          "data.total",
          12.5,
          "data.big",
          new BigInteger("9223372036854775808"),
          "data.order.id",
          "o1",
          "data.quoted",
          "it's");

  private static boolean matches(String filter) {
    return Filter.parse(filter).matches(path -> EVENT.get(path.text()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "type = 'order.paid'",
        "type != 'order.sent'",
        "count = 3",
        "count = 3.0",
        "count >= 3 and count <= 3",
        "count > -1",
        "data.total > 12 and data.total < 13",
        "data.total = 12.5",
        "data.total = 1.25e1",
        "data.big > 9223372036854775807",
        "data.big = 9223372036854775808",
        "express = true",
        "express > false",
        "region in ('us', 'eu')",
        "count in (1, 2, 3)",
        "prefix(type, 'order.')",
        "suffix(type, '.paid')",
        "exists(data.order.id)",
        "not exists(data.order.nothing)",
        "not (region = 'us')",
        "not not region = 'eu'",
        "region = 'us' or region = 'eu'",
        "region = 'us' and nothing = 1 or count = 3",
        "nothing = 1 or region = 'eu'",
        "(region = 'us' or region = 'eu') and count = 3",
        "data.quoted = 'it''s'",
        "type='order.paid'and count=3"
      })
  void filter_thatHolds_passes(String filter) {
    assertThat(matches(filter)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "type = 'order'",
        "region = 'EU'",
        "count < 3",
        "data.big = 9223372036854775807",
        "region in ('us')",
        "prefix(type, 'Order')",
        "region = 'eu' and count = 4",
        "not region = 'eu'"
      })
  void filter_thatDoesNotHold_doesNotPass(String filter) {
    assertThat(matches(filter)).isFalse();
  }

  /** Neither a condition nor its contrary passes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "nothing = 'x'",
        "nothing != 'x'",
        "nothing in ('x')",
        "prefix(nothing, 'x')",
        "suffix(nothing, 'x')",
        "type = 3",
        "type != 3",
        "count = '3'",
        "count != '3'",
        "express = 'true'",
        "express = 1",
        "count in ('3', true)",
        "prefix(count, '3')",
        "type < 3",
        "nothing = 1 and region = 'eu'",
        "nothing = 1 or region = 'us'"
      })
  void filter_onWhatIsMissingOrOfAnotherType_passesNeitherWay(String filter) {
    assertThat(matches(filter)).isFalse();
    assertThat(matches("not (" + filter + ")")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "type | 5",
        "type = | 7",
        "type == 'x' | 7",
        "type = 'x | 8",
        "type = x | 8",
        "type ~ 'x' | 6",
        "= 'x' | 1",
        "type = 'x' and | 15",
        "type = 'x' 'y' | 12",
        "(type = 'x' | 12",
        "type = 'x') | 11",
        "matches(type, 'x') | 1",
        "exists('x') | 8",
        "prefix(type) | 12",
        "prefix(type, 1) | 14",
        "count = 01 | 9",
        "count = 1e999 | 9",
        "count = 1..2 | 9",
        "count = - | 9",
        "type in () | 10",
        "type in ('x' 'y') | 14",
        "Type = 'x' | 1",
        "data. = 'x' | 1",
        "data.a..b = 'x' | 1",
        "tenant = 'acme' | 1",
        "type = 'x' or tenant = 'globex' | 15",
        "not (tenant = 'globex') | 6"
      })
  void filter_thatIsNone_saysWhere(String filter, int position) {
    assertThatThrownBy(() -> Filter.parse(filter))
        .isInstanceOfSatisfying(
            FilterException.class, e -> assertThat(e.position()).isEqualTo(position))
        .hasMessageStartingWith("filter, position " + position + ": ");
  }

  @Test
  void filter_thatIsEmpty_isRefused() {
    assertThatThrownBy(() -> Filter.parse("  ")).isInstanceOf(FilterException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "type = 'a' and (region = 'b' or not exists(data.x.y)) and count in (1, 2.5, true, 'q')",
        "not (prefix(type, 'a') and suffix(region, 'it''s'))",
        "a = 1 or b = 2 and c = 3"
      })
  void text_ofAFilter_parsesToTheSame(String filter) {
    String text = Filter.parse(filter).text();
    assertThat(Filter.parse(text).text()).isEqualTo(text);
  }

  @Test
  void equalities_ofAConjunction_areItsAttributesThatEqualATextAndNothingElse() {
    Filter filter =
        Filter.parse(
            "region = 'eu' and count = 3 and data.a = 'x' and (type = 'a' or type = 'b')"
                + " and not subject = 's'");

    assertThat(filter.equalities()).isEqualTo(Map.of(FieldPath.of("region"), "eu"));
    assertThat(Filter.parse("region = 'eu' or region = 'us'").equalities()).isEmpty();
  }

  @Test
  void cloudEvents_everyDialect_isRead() {
    Object tree =
        List.of(
            Map.of("exact", Map.of("type", "order.paid", "region", "eu")),
            Map.of(
                "any",
                List.of(
                    Map.of("prefix", Map.of("type", "stock.")),
                    Map.of("suffix", Map.of("type", ".paid")))),
            Map.of("not", Map.of("exact", Map.of("region", "us"))),
            Map.of("all", List.of(Map.of("prefix", Map.of("type", "order")))));

    assertThat(Filter.cloudEvents(tree).matches(path -> EVENT.get(path.text()))).isTrue();
    assertThat(Filter.cloudEvents(Map.of("exact", Map.of("type", "x"))).matches(path -> "y"))
        .isFalse();
  }

  @Test
  void cloudEvents_notOfAMissingAttribute_passesNothing() {
    Filter filter = Filter.cloudEvents(Map.of("not", Map.of("exact", Map.of("nothing", "x"))));

    assertThat(filter.matches(path -> EVENT.get(path.text()))).isFalse();
  }

  @Test
  void cloudEvents_whatIsNoFilter_isRefused() {
    Map<String, Object> two = new HashMap<>(Map.of("prefix", Map.of("type", "a")));
    two.put("suffix", Map.of("type", "b"));
    for (Object tree :
        new Object[] {
          List.of(),
          "type = 'x'",
          two,
          Map.of("sql", "type = 'x'"),
          Map.of("exact", "x"),
          Map.of("exact", Map.of()),
          Map.of("exact", Map.of("type", 1)),
          Map.of("exact", Map.of("type", "")),
          Map.of("exact", Map.of("Type", "x")),
          Map.of("exact", Map.of("tenant", "acme")),
          Map.of("exact", Map.of("data.a", "x")),
          Map.of("all", List.of()),
          Map.of("any", Map.of("exact", Map.of("type", "x"))),
          Map.of("not", List.of()),
          Map.of(1, 2)
        }) {
      assertThatThrownBy(() -> Filter.cloudEvents(tree))
          .as("%s", tree)
          .isInstanceOf(FilterException.class);
    }
  }
}
