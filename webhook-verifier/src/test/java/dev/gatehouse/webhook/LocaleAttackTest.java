package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.BODY;
import static dev.gatehouse.webhook.Requests.WHSEC;
import static dev.gatehouse.webhook.Requests.signed;
import static dev.gatehouse.webhook.Requests.value;
import static dev.gatehouse.webhook.Requests.verdict;
import static dev.gatehouse.webhook.Requests.verifier;
import static dev.gatehouse.webhook.Requests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The machine's locale and charset must decide nothing; the build runs all attacks under Arabic.
 */
@Isolated
final class LocaleAttackTest {
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "tr-TR", "th-TH-u-ca-buddhist-nu-thai", "fa-IR", "en"})
  void verdicts_underAnyLocale_areTheSame(String tag) {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(tag));
    try {
      List<Header> headers = signed("standard-webhooks", WHSEC);
      String time = value(headers, "webhook-timestamp");
      WebhookVerifier standard = verifier("standard-webhooks", WHSEC);
      assertThat(time).isEqualTo("1767225600");
      assertThat(verdict(standard, headers, BODY)).isEqualTo("verified");
      String digits = String.format(Locale.forLanguageTag("ar-EG-u-nu-arab"), "%d", 1767225600);
      assertThat(verdict(standard, with(headers, "webhook-timestamp", digits), BODY))
          .isEqualTo("malformed_timestamp");
      // Turkish has an i without a dot: names of headers are still found.
      List<Header> loud =
          headers.stream()
              .map(h -> new Header(h.name().toUpperCase(Locale.ROOT), h.value()))
              .toList();
      assertThat(verdict(standard, loud, BODY)).isEqualTo("verified");
      for (String name : Schemes.names()) {
        assertThat(SchemeVectors.failures(Schemes.named(name))).as(name).isEmpty();
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void run_thatIsToldToBeForeign_isSo() {
    // Else the second run of the build would show nothing.
    if (Boolean.getBoolean("gatehouse.test.foreign")) {
      assertThat(Locale.getDefault().toString()).isEqualTo("ar_EG");
      assertThat(Charset.defaultCharset()).isEqualTo(StandardCharsets.ISO_8859_1);
    }
  }
}
