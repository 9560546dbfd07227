package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.Explain.Explanation;
import dev.gatehouse.webhook.Explain.Finding;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainTest {
  private static final Instant NOW = Instant.ofEpochSecond(1767225600);
  private static final String SECRET = "own-explained-secret";
  private static final String WHSEC = "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=";
  private static final String BODY = "{\"b\":\"\u00fc/x\",\"a\":[1,2.50,{}]}";
  private static final String URL = "https://hooks.example.com/in?x=1";

  private static List<Header> signed(String scheme, String secret, String url, String body) {
    List<Header> headers =
        new ArrayList<>(
            WebhookSigner.create(Schemes.named(scheme), List.of(Secret.of("k", secret)), Map.of())
                .sign(
                    new WebhookSigner.Outgoing(
                        "POST", url, Headers.of(form(scheme)), utf8(body), "msg_1", NOW)));
    headers.addAll(form(scheme));
    return headers;
  }

  private static List<Header> form(String scheme) {
    return scheme.equals("twilio")
        ? List.of(new Header("Content-Type", "application/x-www-form-urlencoded"))
        : List.of();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Explanation explain(
      String scheme, String secret, List<Header> headers, String url, String body, Instant now) {
    WebhookRequest request = WebhookRequest.of("POST", url, Headers.of(headers), utf8(body));
    return Explain.of(
        Schemes.named(scheme), List.of(Secret.of("k", secret)), Map.of(), request, now);
  }

  private static void assertFirst(Explanation why, String code) {
    assertThat(why.isVerified()).isFalse();
    assertThat(why.findings()).isNotEmpty();
    Finding first = why.findings().get(0);
    assertThat(first.code()).as(why.findings() + "").isEqualTo(code);
    assertThat(first.certain()).isTrue();
    assertThat(why.attempts()).isLessThanOrEqualTo(Explain.MAX_ATTEMPTS);
  }

  private static void assertBody(String code, UnaryOperator<String> mistake) {
    for (String scheme : List.of("github", "stripe", "slack")) {
      List<Header> headers = signed(scheme, SECRET, "", BODY);
      assertFirst(explain(scheme, SECRET, headers, "", mistake.apply(BODY), NOW), code);
    }
  }

  @Test
  void request_thatVerifies_hasNothingWrong() {
    Explanation why = explain("github", SECRET, signed("github", SECRET, "", BODY), "", BODY, NOW);
    assertThat(why.isVerified()).isTrue();
    assertThat(why.findings()).isEmpty();
  }

  @Test
  void json_writtenAgain_isNamed() {
    assertBody("json_reserialised", b -> "{\n  \"b\": \"\u00fc/x\",\n  \"a\": [1, 2.50, {}]\n}");
    assertBody("json_reserialised", b -> "{\"b\": \"\\u00fc/x\", \"a\": [1, 2.50, {}]}");
    assertBody("json_reserialised", b -> "{\"b\":\"\u00fc\\/x\",\"a\":[1,2.50,{}]}");
  }

  @Test
  void mistake_thatSeveralFormsOfOneBodyUndo_isNamedOnce() {
    List<Header> headers = signed("github", SECRET, "", "{\"a\":1}");
    Explanation why = explain("github", SECRET, headers, "", "{\"a\": 1}", NOW);
    assertFirst(why, "json_reserialised");
    assertThat(why.findings()).doesNotHaveDuplicates();
  }

  @Test
  void lineEnds_andMarks_areNamed() {
    assertBody("body_newline_added", b -> b + "\n");
    assertBody("body_bom_added", b -> "\ufeff" + b);
    List<Header> headers = signed("github", SECRET, "", "a\nb\n");
    assertFirst(explain("github", SECRET, headers, "", "a\nb", NOW), "body_newline_trimmed");
    assertFirst(explain("github", SECRET, headers, "", "a\r\nb\r\n", NOW), "body_line_ends");
  }

  @ParameterizedTest
  @CsvSource({
    "secret_with_space, '%s '",
    "secret_quoted, '\"%s\"'",
    "secret_prefix, 'whsec_%s'",
  })
  void secret_givenInAnotherForm_isNamed(String code, String form) {
    List<Header> headers = signed("github", SECRET, "", BODY);
    assertFirst(explain("github", form.formatted(SECRET), headers, "", BODY, NOW), code);
  }

  @Test
  void secret_decodedBeforeItWasGiven_isNamed() {
    List<Header> headers = signed("github", "b3duLXNlY3JldA==", "", BODY);
    assertFirst(explain("github", "own-secret", headers, "", BODY, NOW), "secret_decoded");
  }

  @Test
  void time_outsideTheWindow_isToldApartFromTheSignature() {
    List<Header> headers = signed("standard-webhooks", WHSEC, "", BODY);
    Explanation late =
        explain("standard-webhooks", WHSEC, headers, "", BODY, NOW.plusSeconds(3600));
    assertFirst(late, "outside_window");
    assertThat(late.findings().get(0).what()).contains("3600 s in the past");
    Explanation early =
        explain("standard-webhooks", WHSEC, headers, "", BODY, NOW.minusSeconds(7200));
    assertThat(early.findings().get(0).what()).contains("7200 s in the future");
  }

  @ParameterizedTest
  @CsvSource({
    "url_scheme, http://hooks.example.com/in?x=1",
    "url_query, https://hooks.example.com/in?x=1&y=2",
    "url_slash, https://hooks.example.com/in/?x=1",
  })
  void url_thatTheProxyShows_isNamed(String code, String seen) {
    String signedUrl = code.equals("url_query") ? "https://hooks.example.com/in" : URL;
    List<Header> headers = signed("twilio", SECRET, signedUrl, "a=1");
    assertFirst(explain("twilio", SECRET, headers, seen, "a=1", NOW), code);
  }

  @Test
  void header_renamedOnTheWay_isNamed() {
    List<Header> headers =
        signed("github", SECRET, "", BODY).stream()
            .map(h -> new Header("HTTP_" + h.name().replace('-', '_'), h.value()))
            .toList();
    assertFirst(explain("github", SECRET, headers, "", BODY, NOW), "header_renamed");
  }

  @Test
  void signature_writtenInAnotherWay_isNamed() {
    List<Header> headers =
        signed("github", SECRET, "", BODY).stream()
            .map(h -> new Header(h.name(), h.value().replaceFirst("^sha256=", "")))
            .toList();
    assertFirst(explain("github", SECRET, headers, "", BODY, NOW), "signature_prefix");
  }

  @Test
  void request_ofAnotherProvider_isNamed() {
    List<Header> headers = signed("stripe", SECRET, "", BODY);
    assertFirst(explain("github", SECRET, headers, "", BODY, NOW), "another_scheme");
  }

  @Test
  void secret_ofAnotherSource_isNamedByThatSource() {
    List<Header> headers = signed("github", "own-other-endpoint-secret", "", BODY);
    Explanation why =
        Explain.of(
            Schemes.named("github"),
            List.of(Secret.of("own", SECRET)),
            List.of(Secret.of("billing", "own-other-endpoint-secret"), Secret.of("x", "own-x-y")),
            Map.of(),
            WebhookRequest.post("", Headers.of(headers), BODY),
            NOW);
    assertFirst(why, "secret_of_another");
    assertThat(why.findings().get(0).what()).contains("billing");
    assertThat(why.toString()).doesNotContain("own-other-endpoint-secret");
  }

  @Test
  void time_inAnotherUnit_isNamed() {
    String ms = Long.toString(NOW.toEpochMilli());
    String mac = hex("HmacSHA256", SECRET, ms + "." + BODY);
    List<Header> stripe = List.of(new Header("Stripe-Signature", "t=" + ms + ",v1=" + mac));
    assertFirst(explain("stripe", SECRET, stripe, "", BODY, NOW), "time_unit");

    String seconds = Long.toString(NOW.getEpochSecond());
    String workos = hex("HmacSHA256", SECRET, seconds + "." + BODY);
    List<Header> inSeconds =
        List.of(new Header("WorkOS-Signature", "t=" + seconds + ", v1=" + workos));
    assertFirst(explain("workos", SECRET, inSeconds, "", BODY, NOW), "time_unit");
  }

  @ParameterizedTest
  @CsvSource({"HmacSHA1", "HmacSHA512", "HmacMD5"})
  void signature_byAnotherAlgorithm_isNamed(String algorithm) {
    List<Header> headers =
        List.of(new Header("X-Hub-Signature-256", "sha256=" + hex(algorithm, SECRET, BODY)));
    Explanation why = explain("github", SECRET, headers, "", BODY, NOW);
    assertFirst(why, "signature_algorithm");
    assertThat(why.findings().get(0).what()).contains(algorithm);
  }

  @Test
  void signature_inAnotherEncodingOrCase_isNamed() {
    String hex = hex("HmacSHA256", SECRET, BODY);
    String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    assertFirst(github("sha256=" + base64), "signature_encoding");
    assertFirst(github("sha256=" + hex.toUpperCase(Locale.ROOT)), "signature_case");
    assertFirst(github("\"sha256=" + hex + "\""), "signature_quoted");
  }

  private static Explanation github(String signature) {
    List<Header> headers = List.of(new Header("X-Hub-Signature-256", signature));
    return explain("github", SECRET, headers, "", BODY, NOW);
  }

  @Test
  void body_thatWasTrimmedOrDecodedElsewhere_isNamed() {
    List<Header> marked = signed("github", SECRET, "", "\ufeff" + BODY);
    assertFirst(explain("github", SECRET, marked, "", BODY, NOW), "body_bom_lost");
    List<Header> bare = signed("github", SECRET, "", BODY.strip());
    assertFirst(explain("github", SECRET, bare, "", " " + BODY + " ", NOW), "body_trimmed");
    List<Header> none = signed("github", SECRET, "", "");
    assertFirst(explain("github", SECRET, none, "", "{}", NOW), "body_missing");
    String latin = new String(BODY.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    List<Header> headers = signed("github", SECRET, "", BODY);
    assertFirst(explain("github", SECRET, headers, "", latin, NOW), "body_charset");
  }

  @ParameterizedTest
  @CsvSource({"secret_with_line_end, 'own-secret\n', own-secret"})
  void secret_ofTheSenderInAnotherForm_isNamed(String code, String senders, String given) {
    List<Header> headers =
        List.of(
            new Header(
                "X-Hub-Signature-256",
                "sha256=" + hex("HmacSHA256", senders.replace("\\n", "\n"), BODY)));
    assertFirst(explain("github", given, headers, "", BODY, NOW), code);
  }

  @Test
  void secret_whoseBytesTheSenderUses_isNamed() {
    String bytes = "own-bytes-of-a-secret";
    List<Header> headers = signed("github", bytes, "", BODY);
    String base64 = Base64.getEncoder().encodeToString(bytes.getBytes(StandardCharsets.UTF_8));
    assertFirst(explain("github", base64, headers, "", BODY, NOW), "secret_encoded");
    String hex = HexFormat.of().formatHex(bytes.getBytes(StandardCharsets.UTF_8));
    assertFirst(explain("github", hex, headers, "", BODY, NOW), "secret_hex");
  }

  @Test
  void url_withAnotherPort_isNamed() {
    List<Header> headers = signed("hubspot", SECRET, "https://hooks.example.com/in", BODY);
    String seen = "https://hooks.example.com:8443/in";
    assertFirst(explain("hubspot", SECRET, headers, seen, BODY, NOW), "url_port");
  }

  private static String hex(String algorithm, String key, String content) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm));
      return HexFormat.of().formatHex(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void twoMistakes_atOnce_areBothNamed() {
    List<Header> headers = signed("github", SECRET, "", BODY);
    Explanation why = explain("github", SECRET + " ", headers, "", BODY + "\n", NOW);
    assertThat(why.findings())
        .extracting(Finding::code)
        .contains("secret_with_space", "body_newline_added");
  }

  @Test
  void nothingKnown_leavesTheLikelyCauses_andShowsNoSecret() {
    List<Header> headers = signed("github", "own-other-endpoint-secret", "", BODY);
    Explanation why = explain("github", SECRET, headers, "", BODY, NOW);
    assertThat(why.findings()).extracting(Finding::certain).containsOnly(false);
    assertThat(why.findings())
        .extracting(Finding::code)
        .contains("signature_mismatch", "secret_of_another", "body_changed");
    assertThat(why.toString()).doesNotContain(SECRET, "\"b\"", headers.get(0).value());
  }

  @Test
  void reason_ofEveryRejection_hasWordsAndARemedy() {
    for (RejectReason reason : RejectReason.values()) {
      assertThat(Reasons.what(reason)).as(reason.code()).endsWith(".");
      assertThat(Reasons.remedy(reason)).as(reason.code()).endsWith(".");
    }
  }

  @Test
  void bodyHash_missingOrAnothers_isNamedFirst() {
    String hash = HexFormat.of().formatHex(Fingerprint.sha256(utf8(BODY)));
    String signedUrl = "https://hooks.example.com/in?bodySHA256=" + hash;
    List<Header> headers = signed("twilio-json", SECRET, signedUrl, BODY);
    Explanation another = explain("twilio-json", SECRET, headers, signedUrl, "{\"c\":1}", NOW);
    assertThat(another.findings()).first().extracting(Finding::code).isEqualTo("body_hash");
    String cut = "https://hooks.example.com/in";
    Explanation without = explain("twilio-json", SECRET, headers, cut, BODY, NOW);
    assertThat(without.findings()).first().extracting(Finding::code).isEqualTo("body_hash_missing");
    Explanation form = explain("twilio", SECRET, headers, cut, "a=1", NOW);
    assertThat(form.findings()).extracting(Finding::code).doesNotContain("body_hash_missing");
  }
}
