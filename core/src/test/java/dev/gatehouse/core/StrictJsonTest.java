package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StrictJsonTest {
  private final Problems problems = new Problems();

  private StrictJson read(Map<String, ?> tree) {
    return StrictJson.object(tree, "", problems);
  }

  private List<String> found() {
    return problems.all().stream().map(Object::toString).toList();
  }

  @Test
  void object_withKnownKeys_readsThemAndReportsNothing() {
    StrictJson in =
        read(
            Map.of(
                "port",
                80,
                "name",
                "x",
                "on",
                true,
                "wait",
                "5m",
                "size",
                "64KiB",
                "at",
                "2026-12-31T00:00:00Z"));
    assertThat(in.integer("port", 1, 0, 65535)).isEqualTo(80);
    assertThat(in.string("name", "")).isEqualTo("x");
    assertThat(in.bool("on", false)).isTrue();
    assertThat(in.duration("wait", Duration.ZERO, Duration.ZERO, Duration.ofDays(1)))
        .isEqualTo(Duration.ofMinutes(5));
    assertThat(in.size("size", 0, 0, 1 << 20)).isEqualTo(65536);
    assertThat(in.instant("at")).contains(Instant.parse("2026-12-31T00:00:00Z"));
    in.close();
    problems.throwIfAny();
  }

  @Test
  void numbers_beyondWhatALongHolds_areOutOfBounds() {
    StrictJson in =
        read(Map.of("size", "17179869185GiB", "port", new BigInteger("99999999999999999999")));
    assertThat(in.size("size", 5, 0, Long.MAX_VALUE)).isEqualTo(5);
    assertThat(in.integer("port", 80, 0, 65535)).isEqualTo(80);
    assertThat(found())
        .containsExactly(
            "size: must be between 0 and 9223372036854775807 bytes",
            "port: must be between 0 and 65535");
  }

  @Test
  void object_withUnknownKey_isReportedWithTheNearestKnownOne() {
    StrictJson in = read(Map.of("max_body_bytes", 1));
    in.size("maxBodyBytes", 0, 0, 10);
    in.close();
    assertThat(found())
        .containsExactly("max_body_bytes: is not a known key; did you mean maxBodyBytes?");
  }

  @Test
  void object_withManyMistakes_reportsAllOfThemWithTheirPaths() {
    StrictJson in =
        read(
            Map.of(
                "port", "80",
                "wait", "5 minutes",
                "list", Map.of(),
                "items", Arrays.asList(Map.of("a", 1), "b", null),
                "flag", "yes",
                "mode", "off"));
    in.integer("port", 1, 0, 65535);
    in.duration("wait", Duration.ZERO, Duration.ZERO, Duration.ofDays(1));
    in.strings("list");
    in.children("items", item -> item.string("a", ""));
    in.bool("flag", false);
    in.choice("mode", Mode.class, Mode.ENFORCE);
    in.requiredString("owner");
    in.close();
    assertThat(found())
        .containsExactly(
            "port: must be a whole number, not a text",
            "wait: must be a duration such as 250ms, 10s, 5m, 6h or 3d",
            "list: must be a list, not an object",
            "items[0].a: must be a text, not a number: put it in quotes",
            "items[1]: must be an object, not a text",
            "items[2]: must be an object, not null",
            "flag: must be true or false, not a text",
            "mode: must be one of enforce, observe",
            "owner: is missing");
    assertThatThrownBy(problems::throwIfAny)
        .isInstanceOf(Problems.InvalidException.class)
        .hasMessageContaining("\nowner: is missing");
  }

  @Test
  void values_thatQuotesWouldNotMend_areToldWhatTheyMustBe() {
    StrictJson in = read(Map.of("wait", 10, "mode", false));
    assertThat(in.duration("wait", Duration.ofSeconds(9), Duration.ZERO, Duration.ofDays(1)))
        .isEqualTo(Duration.ofSeconds(9));
    assertThat(in.choice("mode", Mode.class, Mode.ENFORCE)).isEqualTo(Mode.ENFORCE);
    in.close();
    assertThat(found())
        .containsExactly(
            "wait: must be a duration such as 250ms, 10s, 5m, 6h or 3d",
            "mode: must be one of enforce, observe");
  }

  @Test
  void numbers_outOfBounds_areReportedAndReadAsTheDefault() {
    StrictJson in = read(Map.of("port", 70_000, "size", "2GiB", "wait", "2d"));
    assertThat(in.integer("port", 8080, 0, 65535)).isEqualTo(8080);
    assertThat(in.size("size", 7, 1, 1024)).isEqualTo(7);
    assertThat(
            in.duration("wait", Duration.ofSeconds(9), Duration.ofSeconds(1), Duration.ofDays(1)))
        .isEqualTo(Duration.ofSeconds(9));
    assertThat(found())
        .containsExactly(
            "port: must be between 0 and 65535",
            "size: must be between 1 and 1024 bytes",
            "wait: must be between 1s and 1d");
  }

  @Test
  void root_thatIsNoObject_isReported() {
    StrictJson.object(List.of(), "sources", problems).close();
    assertThat(found()).containsExactly("sources: must be an object, not a list");
  }
}
