package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.verdict;
import static dev.gatehouse.webhook.Requests.verified;
import static dev.gatehouse.webhook.Requests.verifierAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Signatures that come in sets, in repeated headers or with spaces round them. */
class SignatureListTest {
  private static final String SECRET = "own-text";
  private static final String BODY = "{\"own\":1}";
  private static final String LIST =
      """
      name: own
      signature:
        in: header:X-Sig
        grammar: entries
        separator: ","
        assign: "="
        %s
        accept: [ { label: v1, algorithm: hmac-sha256 } ]
      content: "{time}.{body}"
      time: { in: "element:t", unit: s }
      """;

  private static String signature(Scheme scheme, String secret, Instant at) {
    return WebhookSigner.create(scheme, List.of(Secret.of("own", secret)), Map.of())
        .sign(new Outgoing("POST", "", Headers.of(), bytes(BODY), "", at))
        .get(0)
        .value();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String verdictOf(Scheme scheme, String... signatures) {
    List<Header> headers = new ArrayList<>();
    for (String signature : signatures) {
      headers.add(new Header("x-sig", signature));
    }
    return verdict(verifierAt(NOW, scheme, SECRET), headers, BODY);
  }

  @Test
  void sets_ofWhichTheSecondIsRight_areVerifiedAlsoInPieces() {
    Scheme scheme = Schemes.parse(LIST.formatted("sets: \" \""));
    String text = signature(scheme, "other", NOW) + " " + signature(scheme, SECRET, NOW);
    assertThat(verdictOf(scheme, text)).isEqualTo("verified");

    VerificationStream stream =
        verifierAt(NOW, scheme, SECRET).begin("POST", "", Headers.of("X-Sig", text));
    assertThat(stream.early()).isNull();
    stream.update(bytes(BODY.substring(0, 3)));
    stream.update(bytes(BODY.substring(3)));
    Verification outcome = stream.finish();
    assertThat(outcome).isInstanceOf(Verification.Verified.class);
    VerifiedWebhook webhook = ((Verification.Verified) outcome).webhook();
    assertThat(webhook.timestamp()).contains(NOW);
    assertThat(webhook.headers().first("x-sig")).isEqualTo(text);
  }

  @Test
  void sets_allTooOld_areRefusedBeforeTheBodyComes() {
    Scheme scheme = Schemes.parse(LIST.formatted("sets: \" \""));
    String old = signature(scheme, SECRET, NOW.minusSeconds(301));
    VerificationStream stream =
        verifierAt(NOW, scheme, SECRET).begin("POST", "", Headers.of("X-Sig", old + " " + old));
    assertThat(stream.early()).isEqualTo(Verification.rejected(RejectReason.TOO_OLD));
  }

  @Test
  void sets_moreThanAnybodySends_areMalformed() {
    Scheme scheme = Schemes.parse(LIST.formatted("sets: \" \""));
    String right = signature(scheme, SECRET, NOW);
    String four = String.join(" ", right, right, right, right);
    assertThat(verdictOf(scheme, four)).isEqualTo("verified");
    assertThat(verdictOf(scheme, four + " " + right)).isEqualTo("malformed_signature");
    assertThat(verdictOf(scheme, " ".repeat(5000))).isEqualTo("malformed_signature");
  }

  @Test
  void sets_inTwoHeaders_areAmbiguous() {
    Scheme scheme = Schemes.parse(LIST.formatted("sets: \" \""));
    String right = signature(scheme, SECRET, NOW);
    assertThat(verdictOf(scheme, right, right + " " + right)).isEqualTo("ambiguous_header");
  }

  @Test
  void spacesRoundEntries_passOnlyWhereTheSchemeSaysSo() {
    for (boolean trim : new boolean[] {true, false}) {
      Scheme scheme = Schemes.parse(LIST.formatted("trim: " + trim));
      String right = signature(scheme, SECRET, NOW);
      assertThat(verdictOf(scheme, right.replace(",", " ,  ")))
          .isEqualTo(trim ? "verified" : "unknown_signature_version");
      assertThat(verdictOf(scheme, right.replace(",", ",\t"))).isNotEqualTo("verified");
      assertThat(verdictOf(scheme, right.replace("v1=", "v1 = "))).isNotEqualTo("verified");
    }
  }

  @Test
  void repeatedHeader_anyOfThem_mayMatchUpToTheLimit() {
    Scheme scheme = Schemes.named("mollie");
    String right = "sha256=" + hmacOf(scheme);
    String wrong = "sha256=" + "0".repeat(64);
    assertThat(verdictIn(scheme, List.of(wrong, right))).isEqualTo("verified");
    assertThat(verdictIn(scheme, List.of("x", right))).isEqualTo("verified");
    assertThat(verdictIn(scheme, List.of(wrong, "x"))).isEqualTo("signature_mismatch");
    assertThat(verdictIn(scheme, List.of("x", "y"))).isEqualTo("malformed_signature");
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      many.add("sha256=" + String.format(java.util.Locale.ROOT, "%064x", i));
    }
    many.add(right);
    assertThat(verdictIn(scheme, many)).isEqualTo("malformed_signature");
  }

  private static String verdictIn(Scheme scheme, List<String> signatures) {
    List<Header> headers = new ArrayList<>();
    signatures.forEach(text -> headers.add(new Header("x-mollie-signature", text)));
    return verdict(verifierAt(NOW, scheme, SECRET), headers, "{\"id\":\"own\"}");
  }

  private static String hmacOf(Scheme scheme) {
    return WebhookSigner.create(scheme, List.of(Secret.of("own", SECRET)), Map.of())
        .sign(new Outgoing("POST", "", Headers.of(), bytes("{\"id\":\"own\"}"), "", NOW))
        .get(0)
        .value()
        .substring(7);
  }

  @Test
  void id_withNothingBehindIt_holdsNoSignOfABody() {
    Scheme scheme =
        Schemes.parse(
            """
            name: own
            signature: { in: "header:X-Sig", accept: [ { algorithm: hmac-sha256 } ] }
            content: "{id}{time}{body}"
            time: { in: "header:X-Time", unit: rfc3339 }
            id: header:X-Id
            """);
    for (String id : List.of("a-b_c=", "8d1f+/")) {
      List<Header> headers =
          WebhookSigner.create(scheme, List.of(Secret.of("own", SECRET)), Map.of())
              .sign(new Outgoing("POST", "", Headers.of(), bytes(BODY), id, NOW));
      assertThat(verified(verifierAt(NOW, scheme, SECRET), headers, BODY).deliveryId())
          .contains(new Attested(id, true));
    }
    List<Header> shifted =
        WebhookSigner.create(scheme, List.of(Secret.of("own", SECRET)), Map.of())
            .sign(new Outgoing("POST", "", Headers.of(), bytes(BODY), "a{\"t\":\"", NOW));
    assertThat(verdict(verifierAt(NOW, scheme, SECRET), shifted, BODY)).isEqualTo("malformed_id");
  }
}
