package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.Explain.Explanation;
import dev.gatehouse.webhook.Explain.Finding;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of every scheme, spoiled: whatever it signs, the explanation has words for it. */
class ExplainCatalogueTest {
  private static final Duration TEN_YEARS = Duration.ofDays(3650);

  static Stream<String> names() {
    return Schemes.all().stream().map(Scheme::name);
  }

  private static Instant moment(Scheme.Vector vector) {
    String now = vector.now();
    if (now.isEmpty()) {
      return Requests.NOW;
    }
    return now.matches("[0-9]+") ? Instant.ofEpochSecond(Long.parseLong(now)) : Instant.parse(now);
  }

  private static WebhookRequest request(Scheme.Vector vector, String url, String moreBody) {
    List<Header> headers = new ArrayList<>();
    vector.headers().forEach((name, value) -> headers.add(new Header(name, value)));
    byte[] body = (vector.body() + moreBody).getBytes(StandardCharsets.UTF_8);
    return WebhookRequest.of(vector.method(), url, Headers.of(headers), body);
  }

  private static Explanation explain(
      Scheme scheme, Scheme.Vector vector, WebhookRequest request, Instant now) {
    List<Secret> secrets = new ArrayList<>();
    for (String text : vector.secrets()) {
      secrets.add(Secret.of("key-" + secrets.size(), text));
    }
    return Explain.of(scheme, secrets, vector.params(), request, now);
  }

  private static void assertExplained(Explanation why) {
    assertThat(why.isVerified() || !why.findings().isEmpty()).as(why + "").isTrue();
    assertThat(why.attempts()).isLessThanOrEqualTo(Explain.MAX_ATTEMPTS);
  }

  private static Optional<Scheme.Vector> right(Scheme scheme) {
    return scheme.vectors().stream().filter(v -> v.outcome().equals("verified")).findFirst();
  }

  @ParameterizedTest
  @MethodSource("names")
  void requestOfAnyScheme_spoiled_isExplained(String name) {
    Scheme scheme = Schemes.named(name);
    Scheme.Vector vector = right(scheme).orElseThrow();
    Instant now = moment(vector);
    assertExplained(explain(scheme, vector, request(vector, vector.url(), " x"), now));
    assertExplained(explain(scheme, vector, request(vector, "https://other.test/?y=2", ""), now));
  }

  @ParameterizedTest
  @MethodSource("names")
  void captureOfAnyScheme_isToldByItsTime(String name) {
    Scheme scheme = Schemes.named(name);
    Scheme.Vector vector = right(scheme).orElseThrow();
    Instant later = moment(vector).plus(TEN_YEARS);
    Explanation why = explain(scheme, vector, request(vector, vector.url(), ""), later);
    if (why.reason().filter(reason -> reason == RejectReason.TOO_OLD).isPresent()) {
      assertThat(why.findings()).extracting(Finding::code).containsExactly("outside_window");
    }
  }
}
