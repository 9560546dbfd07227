package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.BODY;
import static dev.gatehouse.webhook.Requests.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.Explain.Explanation;
import dev.gatehouse.webhook.Explain.Finding;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.rfc9421.ContentDigest;
import dev.gatehouse.webhook.rfc9421.HttpMessage;
import dev.gatehouse.webhook.rfc9421.HttpMessage.Field;
import dev.gatehouse.webhook.rfc9421.MessageKey;
import dev.gatehouse.webhook.rfc9421.MessageKey.SecretForm;
import dev.gatehouse.webhook.rfc9421.MessageSigner;
import dev.gatehouse.webhook.rfc9421.SignatureComponent;
import dev.gatehouse.webhook.scheme.Schemes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is said of HTTP message signatures that do not verify. */
class MessageMistakesTest {
  private static final String URL = "https://hooks.example.com/in?x=1";
  private static final String SECRET = "Z2F0ZWhvdXNlIG93biByZmMgOTQyMSBzaGFyZWQgc2VjcmV0IDAx";
  private static final String OTHER = "Z2F0ZWhvdXNlIG93biByZmMgOTQyMSBzaGFyZWQgc2VjcmV0IDAy";
  private static final String ALL = "@method @authority @path content-digest";

  private static List<Header> signed(String components, UnaryOperator<MessageSigner> parameters) {
    String digest = ContentDigest.write(ContentDigest.Algorithm.SHA_256, BODY.getBytes(UTF_8));
    Field field = new Field("Content-Digest", digest);
    MessageSigner signer =
        MessageSigner.create(
            "sig1",
            MessageKey.forSigning(SECRET, SecretForm.BASE64, null),
            SignatureComponent.listOf(components));
    List<Header> headers = new ArrayList<>();
    headers.add(new Header(field.name(), field.value()));
    for (Field made :
        parameters.apply(signer).sign(HttpMessage.request("POST", URL, List.of(field)))) {
      headers.add(new Header(made.name(), made.value()));
    }
    return headers;
  }

  private static List<Header> signed(String components) {
    return signed(components, signer -> signer.time("created", NOW.getEpochSecond()));
  }

  private static Explanation explain(
      List<Header> headers, String method, String url, String body, Map<String, String> params) {
    return explain(headers, method, url, body, params, NOW);
  }

  private static Explanation explain(
      List<Header> headers,
      String method,
      String url,
      String body,
      Map<String, String> params,
      Instant now) {
    WebhookRequest request =
        WebhookRequest.of(method, url, Headers.of(headers), body.getBytes(UTF_8));
    List<Secret> secrets = List.of(Secret.of("k", SECRET));
    return Explain.of(Schemes.named("rfc9421"), secrets, params, request, now);
  }

  private static Explanation explain(List<Header> headers) {
    return explain(headers, "POST", URL, BODY, Map.of());
  }

  private static void assertOnly(Explanation why, String code, boolean certain, String what) {
    assertThat(why.findings()).extracting(Finding::code).containsExactly(code);
    assertThat(why.findings().get(0).certain()).isEqualTo(certain);
    assertThat(why.findings().get(0).what()).contains(what);
  }

  @Test
  void signature_thatCoversTooLittle_isToldApartFromAWrongOne() {
    assertOnly(
        explain(signed("@method @authority content-digest")),
        "policy_missing_component",
        true,
        "does not cover @path");
    assertOnly(
        explain(signed(ALL, signer -> signer)), "policy_missing_time", true, "when it was created");
  }

  @Test
  void signature_ofAnotherLabelTagOrKeyid_isToldByThePolicy() {
    List<Header> headers = signed(ALL);
    for (String param : List.of("label", "tag")) {
      Explanation why = explain(headers, "POST", URL, BODY, Map.of(param, "other"));
      assertOnly(why, "policy_missing_signature", true, "there is no signature with the " + param);
    }
    Explanation why = explain(headers, "POST", URL, BODY, Map.of("keyid", "theirs"));
    assertOnly(why, "policy_unknown_key", true, "keyid names no configured key");
  }

  @Test
  void component_coveredTwice_isNamed() {
    List<Header> headers =
        signed(ALL).stream()
            .map(h -> new Header(h.name(), h.value().replace("(", "(\"@method\" ")))
            .toList();
    Explanation why = explain(headers);
    assertThat(why.reason()).contains(RejectReason.MALFORMED_SIGNATURE);
    assertOnly(why, "message_malformed_signature", false, "Component @method is covered twice.");
  }

  @Test
  void time_isToldByWhatIsWrongWithIt() {
    List<Header> headers = signed(ALL);
    assertOnly(
        explain(headers, "POST", URL, BODY, Map.of(), NOW.plusSeconds(3_600)),
        "outside_window",
        true,
        "3600 s in the past");
    List<Header> brief =
        signed(
            ALL,
            signer ->
                signer
                    .time("created", NOW.getEpochSecond())
                    .time("expires", NOW.getEpochSecond() + 10));
    assertOnly(
        explain(brief, "POST", URL, BODY, Map.of(), NOW.plusSeconds(11)),
        "policy_too_old",
        true,
        "has expired");
    assertOnly(
        explain(signed(ALL, signer -> signer.time("created", NOW.toEpochMilli()))),
        "time_unit",
        true,
        "milliseconds");
  }

  @Test
  void methodUrlAndBody_thatWereChanged_areNamed() {
    List<Header> headers = signed(ALL);
    assertOnly(explain(headers, "PUT", URL, BODY, Map.of()), "method", true, "POST");
    assertOnly(
        explain(headers, "POST", URL.replace("/in", "/in/"), BODY, Map.of()),
        "url_slash",
        true,
        "slash");
    assertThat(explain(headers, "POST", URL, BODY + "\n", Map.of()).findings())
        .first()
        .extracting(Finding::code, Finding::certain)
        .containsExactly("body_newline_added", true);
    assertOnly(
        explain(headers, "POST", URL, "{}", Map.of()),
        "message_body_mismatch",
        false,
        "Content-Digest");
  }

  @Test
  void message_withoutWhatIsCovered_isToldWhich() {
    List<Header> headers = signed(ALL);
    headers.removeIf(header -> header.name().equals("Content-Digest"));
    assertOnly(explain(headers), "message_unusable_component", false, "content-digest");
    headers.removeIf(header -> header.name().equals("Signature-Input"));
    assertOnly(
        explain(headers), "message_missing_signature", false, "Signature-Input is not there");
    assertOnly(
        explain(headers, "POST", "", BODY, Map.of()), "message_missing_signature", false, "");
  }

  @Test
  void secret_ofAnotherSource_isNamed() {
    WebhookRequest request =
        WebhookRequest.of("POST", URL, Headers.of(signed(ALL)), BODY.getBytes(UTF_8));
    List<Secret> own = List.of(Secret.of("own", OTHER));
    Explanation why =
        Explain.of(
            Schemes.named("rfc9421"),
            own,
            List.of(Secret.of("billing", SECRET)),
            Map.of(),
            request,
            NOW);
    assertOnly(why, "secret_of_another", true, "billing");
    assertThat(Explain.of(Schemes.named("rfc9421"), own, Map.of(), request, NOW).findings())
        .extracting(Finding::code)
        .contains("signature_mismatch", "secret_of_another");
  }
}
