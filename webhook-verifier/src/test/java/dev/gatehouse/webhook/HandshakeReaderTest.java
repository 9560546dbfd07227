package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.scheme.Schemes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Handshakes that would be an oracle, a reflection or a way out are refused as they are read. */
class HandshakeReaderTest {
  private static void assertMistake(String scheme, String right, String wrong, String message) {
    assertThat(scheme).contains(right);
    assertThatThrownBy(() -> Schemes.parse(scheme.replace(right, wrong)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("handshakes[0]")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "alphabet: base64|alphabet: words|an alphabet of tokens",
        "alphabet: base64|alphabet: host|an alphabet of tokens",
        "maxLength: 128|maxLength: 129|at most 128",
        "{hmac-sha256-base64}|{hmac-sha512-base64}|does not offer",
        "{hmac-sha256-base64}|{hmac-md5-hex}|has no place",
        "{hmac-sha256-base64}|{param.verify_token}|which is secret",
        "{hmac-sha256-base64}|{param.other}|params lacks",
        "application/json|text/html|text/plain or application/json",
      })
  void signingHandshake_withoutItsBounds_isRefused(String right, String wrong, String message) {
    assertMistake(HandshakeSchemes.text(HandshakeSchemes.CRC), right, wrong, message);
  }

  @Test
  void signingHandshake_thatDoesNotSayForWhom_isRefused() {
    String crc = HandshakeSchemes.text(HandshakeSchemes.CRC);

    assertMistake(crc, "    open: true\n", "", "must not sign anything for an unsigned request");
    assertMistake(crc, "    signed: false\n", "", "is for unsigned handshakes");
    assertMistake(crc, "    signed: false\n    open: true\n", "", "use json:/POINTER");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Set-Cookie",
        "Location",
        "Content-Type",
        "Content-Length",
        "X-Content-Type-Options",
        "Cache-Control",
        "X Y",
      })
  void answerHeader_thatIsNotItsOwn_isRefused(String name) {
    assertMistake(
        HandshakeSchemes.text(HandshakeSchemes.ASANA),
        "headers: { X-Hook-Secret:",
        "headers: { " + name + ":",
        "must not set");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sns.*.example.com|*.com",
        "sns.*.example.com|sns.*",
        "sns.*.example.com|s*s.example.com",
        "sns.*.example.com|127.0.0.1",
        "sns.*.example.com|sns.example.com.",
        "sns.*.example.com|SNS.example.com",
        "sns.*.example.com|https://sns.example.com",
      })
  void hostRule_thatIsTooWideOrNoHost_isRefused(String right, String wrong) {
    assertMistake(
        HandshakeSchemes.text(HandshakeSchemes.SNS), right, wrong, "must be hosts such as");
  }

  @Test
  void confirmation_forAStrangerOrFromWhatIsNotSigned_isRefused() {
    String sns = HandshakeSchemes.text(HandshakeSchemes.SNS);

    assertMistake(
        sns, "    confirm:", "    signed: false\n    confirm:", "call out for a stranger");
    assertMistake(sns, "in: \"json:/SubscribeURL\"", "in: \"header:Callback\"", "has to be signed");
    assertMistake(sns, "param: topic_arns", "param: other", "params lacks");
  }

  @Test
  void handshake_toldByAMethodThatBringsDeliveries_isRefused() {
    assertMistake(
        HandshakeSchemes.text(HandshakeSchemes.HEAD), "method: HEAD", "method: POST", "is told");
  }

  @Test
  void answerParam_thatWouldLeaveItsText_isRefusedWhenBuilt() {
    assertThatThrownBy(
            () ->
                HandshakeSchemes.verifier(
                    HandshakeSchemes.with(HandshakeSchemes.BRAINTREE), "public_key", "a\r\nb"))
        .hasMessageContaining("params.public_key");
  }
}
