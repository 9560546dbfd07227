package dev.gatehouse.webhook.rfc9421;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.rfc9421.HttpMessage.Field;
import dev.gatehouse.webhook.rfc9421.MessageKey.SecretForm;
import dev.gatehouse.webhook.rfc9421.MessageVerifier.NamedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Attacks by messages that nobody signed, or whose components can be read in two ways. */
class MessageAttackTest {
  private static final Instant NOW = Instant.ofEpochSecond(1767225600);
  private static final String SECRET = "own-secret-of-thirty-two-letters";

  private static MessageVerdict verdict(HttpMessage message, String required) {
    MessageKey key = MessageKey.forVerifying(SECRET, SecretForm.TEXT, MessageAlgorithm.HMAC_SHA256);
    return MessageVerifier.builder()
        .require(SignatureComponent.listOf(required))
        .dangerouslyAllowUnsignedBody()
        .build()
        .verify(message, List.of(new NamedKey("", key)), NOW);
  }

  private static HttpMessage signed(String url, String components, Field... fields) {
    HttpMessage message = HttpMessage.request("POST", url, List.of(fields));
    MessageKey key = MessageKey.forSigning(SECRET, SecretForm.TEXT, MessageAlgorithm.HMAC_SHA256);
    return message.with(
        MessageSigner.create("sig1", key, SignatureComponent.listOf(components))
            .time("created", NOW.getEpochSecond())
            .sign(message));
  }

  private static HttpMessage sentTo(String url, HttpMessage signed) {
    return HttpMessage.request(signed.method(), url, signed.fields());
  }

  // --- URLs

  @Test
  void url_thatIsNotAbsoluteButHoldsOne_givesNothingOfThat() {
    String components = "@authority @path";
    HttpMessage signed = signed("https://h.example.com/in", components);

    assertThat(verdict(sentTo("HTTPS://H.example.com:443/in?x", signed), components))
        .isInstanceOf(MessageVerdict.Accepted.class);
    for (String before : List.of("/admin?x=", "admin?x=", "//other.example.com/", "1", "")) {
      assertThat(verdict(sentTo(before + "://h.example.com/in", signed), components))
          .as(before)
          .isInstanceOf(MessageVerdict.Refused.class);
      assertThat(verdict(sentTo(before + "https://h.example.com/in", signed), components))
          .as(before)
          .isInstanceOf(
              before.isEmpty() ? MessageVerdict.Accepted.class : MessageVerdict.Refused.class);
    }
  }

  // --- query parameters

  @Test
  void queryParam_writtenInAnotherWayOrAmongOthers_isTheSame() {
    String component = "\"@query-param\";name=\"a%20b\"";
    HttpMessage signed = signed("https://h.example.com/?a%20b=c%2Fd", component);

    for (String query :
        List.of("a+b=c/d", "x&&a%20b=c%2fd&", "%61+b=c%2Fd&=y&z=", "a+b=c%2Fd&A+b=")) {
      assertThat(verdict(sentTo("https://h.example.com/?" + query, signed), component))
          .as(query)
          .isInstanceOf(MessageVerdict.Accepted.class);
    }
    for (String query : List.of("", "a+b=c/e", "a+b=c/d&a%20b=c/d", "%ff=x&a+b=c/d", "a+b=%ff")) {
      assertThat(verdict(sentTo("https://h.example.com/?" + query, signed), component))
          .as(query)
          .isInstanceOf(MessageVerdict.Refused.class);
    }
  }

  @Test
  void queryParam_twiceOrMissing_cannotBeSigned() {
    assertThatThrownBy(
            () -> signed("https://h.example.com/?a=1&b=2&a=1", "\"@query-param\";name=\"a\""))
        .hasMessageContaining("more than once");
    assertThatThrownBy(() -> signed("https://h.example.com/?b", "\"@query-param\";name=\"a\""))
        .hasMessageContaining("is not in the query");
  }

  @Test
  void queryParams_60InEachOf4SignaturesOverALongQuery_areRefusedWithin50ms() {
    String names = IntStream.range(10, 70).mapToObj(i -> "a" + i).collect(Collectors.joining("&"));
    String query = names + "&".repeat(8_192 - names.length());
    String components =
        IntStream.range(10, 70)
            .mapToObj(i -> "\"@query-param\";name=\"a" + i + "\"")
            .collect(Collectors.joining(" "));

    assertRefusedSoon(
        HttpMessage.request("POST", "https://h.example.com/?" + query, four(components)));
  }

  // --- members of fields

  @Test
  void members_60InEachOf4SignaturesOverALongField_areRefusedWithin50ms() {
    String members =
        IntStream.range(100, 160).mapToObj(i -> "m" + i).collect(Collectors.joining(","));
    String list = members + ",long=\"" + "x".repeat(16_000 - members.length()) + "\"";
    String components =
        IntStream.range(100, 160)
            .mapToObj(i -> "\"x-list\";key=\"m" + i + "\"")
            .collect(Collectors.joining(" "));
    List<Field> fields = new ArrayList<>(four(components));
    fields.add(new Field("X-List", list));

    assertRefusedSoon(HttpMessage.request("POST", "https://h.example.com/", fields));
  }

  private static List<Field> four(String components) {
    String input =
        IntStream.range(0, 4)
            .mapToObj(i -> "s" + i + "=(" + components + ");created=" + NOW.getEpochSecond())
            .collect(Collectors.joining(", "));
    return List.of(
        new Field("Signature-Input", input),
        new Field("Signature", "s0=:AAAA:, s1=:AAAA:, s2=:AAAA:, s3=:AAAA:"));
  }

  // The best of some: a pause of the machine is no finding.
  private static void assertRefusedSoon(HttpMessage message) {
    Duration fastest = Duration.ofDays(1);
    for (int i = 0; i < 5; i++) {
      long begin = System.nanoTime();
      assertThat(verdict(message, ""))
          .isInstanceOfSatisfying(
              MessageVerdict.Refused.class,
              refused ->
                  assertThat(refused.refusal().flaw()).isEqualTo(MessageRefusal.Flaw.MISMATCH));
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      fastest = took.compareTo(fastest) < 0 ? took : fastest;
    }
    assertThat(fastest).isLessThan(Duration.ofMillis(50));
  }
}
