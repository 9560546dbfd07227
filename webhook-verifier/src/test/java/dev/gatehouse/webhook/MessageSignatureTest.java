package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.verdict;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.rfc9421.ContentDigest;
import dev.gatehouse.webhook.rfc9421.HttpMessage;
import dev.gatehouse.webhook.rfc9421.HttpMessage.Field;
import dev.gatehouse.webhook.rfc9421.MessageKey;
import dev.gatehouse.webhook.rfc9421.MessageKey.SecretForm;
import dev.gatehouse.webhook.rfc9421.MessageSigner;
import dev.gatehouse.webhook.rfc9421.SignatureComponent;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a verifier makes of HTTP message signatures beyond whether they are right. */
class MessageSignatureTest {
  private static final String URL = "https://hooks.example.com/in";
  private static final String BODY = "{\"id\":\"evt_1\",\"type\":\"paid\",\"account\":\"yours\"}";
  private static final String SECRET = "Z2F0ZWhvdXNlIG93biByZmMgOTQyMSBzaGFyZWQgc2VjcmV0IDAx";
  private static final String OLD = "Z2F0ZWhvdXNlIG93biByZmMgOTQyMSBzaGFyZWQgc2VjcmV0IDAy";
  private static final Scheme RFC9421 = Schemes.named("rfc9421");

  private static Scheme own(String more) {
    return Schemes.parse(
        """
        name: own
        signature:
          grammar: message-signature
          required: ["@method", "content-digest"]
          algorithms: [hmac-sha256]
        time: { in: "element:created", unit: s, window: 5m }
        params:
          required_components: { description: "own", required: false, secret: false }
          dangerously_allow_unsigned_body: { description: "own", required: false, secret: false }
          accounts: { description: "own", required: false, secret: false }
        """
            + more);
  }

  private static WebhookVerifier.Builder verifier(Scheme scheme, Secret... secrets) {
    return WebhookVerifier.builder(scheme)
        .secrets(SecretSource.of(secrets))
        .clock(InstantSource.fixed(NOW));
  }

  /** A request under one signature, with nonce if that is given. */
  private static WebhookRequest signed(
      String components, String nonce, String body, Header... headers) {
    List<Field> fields = new ArrayList<>();
    for (Header header : headers) {
      fields.add(new Field(header.name(), header.value()));
    }
    if (components.contains("content-digest")) {
      fields.add(
          new Field(
              "Content-Digest",
              ContentDigest.write(ContentDigest.Algorithm.SHA_256, body.getBytes(UTF_8))));
    }
    HttpMessage message = HttpMessage.request("POST", URL, fields);
    MessageSigner signer =
        MessageSigner.create(
                "sig1",
                MessageKey.forSigning(SECRET, SecretForm.BASE64, null),
                SignatureComponent.listOf(components))
            .time("created", NOW.getEpochSecond())
            .text("nonce", nonce);
    List<Header> all =
        message.with(signer.sign(message)).fields().stream()
            .map(field -> new Header(field.name(), field.value()))
            .toList();
    return WebhookRequest.post(URL, Headers.of(all), body);
  }

  private static WebhookRequest with(WebhookRequest request, String name, String... values) {
    List<Header> headers = new ArrayList<>(request.headers().all());
    headers.removeIf(header -> header.name().equals(name));
    for (String value : values) {
      headers.add(new Header(name, value));
    }
    return WebhookRequest.of(
        request.method(), request.url(), Headers.of(headers), request.bodyBytes());
  }

  private static VerifiedWebhook verified(WebhookVerifier verifier, WebhookRequest request) {
    return ((Verification.Verified) verifier.verify(request)).webhook();
  }

  // --- keys

  @Test
  void signatures_ofAnExpiredKeyBesideAValidOne_areVerifiedByTheValidOne() {
    Secret old = Secret.of("old", OLD);
    Secret next = Secret.of("next", SECRET);
    WebhookSigner rotating = WebhookSigner.create(RFC9421, List.of(old, next), Map.of());
    List<Header> headers =
        rotating.sign(new Outgoing("POST", URL, Headers.of(), BODY.getBytes(UTF_8), "d_1", NOW));
    WebhookVerifier verifier =
        verifier(RFC9421, old.validBetween(null, NOW.minusSeconds(1)), next).build();

    WebhookRequest request = WebhookRequest.post(URL, Headers.of(headers), BODY);

    assertThat(verified(verifier, request).keyId()).isEqualTo("next");
    assertThat(verdict(verifier.verify(with(request, "Signature", "sig1=:AAAA:, sig2=:AAAA:"))))
        .isEqualTo("signature_mismatch");
  }

  // --- what is signed

  @Test
  void status_required_isRefusedWhenTheVerifierIsBuilt() {
    WebhookVerifier.Builder verifier =
        verifier(RFC9421, Secret.of("own", SECRET))
            .param("required_components", "@status content-digest");

    assertThatThrownBy(verifier::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("params.required_components")
        .hasMessageContaining("@status");
  }

  @Test
  void body_leftUnsignedByAConstant_isNotSaidToBeSigned() {
    Scheme scheme =
        own(
            """
            id: "json:/id"
            type: "json:/type"
            owner: { in: "json:/account", param: accounts }
            """);
    WebhookVerifier.Builder lax =
        verifier(scheme, Secret.of("own", SECRET))
            .param("required_components", "@method")
            .param("dangerously_allow_unsigned_body", "true");

    VerifiedWebhook unsigned = verified(lax.build(), signed("@method", "", BODY));
    VerifiedWebhook signed = verified(lax.build(), signed("@method content-digest", "", BODY));

    assertThat(unsigned.isIntegrityProtected()).isFalse();
    assertThat(unsigned.eventType()).contains(new Attested("paid", false));
    assertThat(signed.isIntegrityProtected()).isTrue();
    assertThat(signed.eventType()).contains(new Attested("paid", true));

    WebhookVerifier ofOne = lax.param("accounts", "yours").build();
    assertThat(verdict(ofOne.verify(signed("@method", "", BODY)))).isEqualTo("signature_mismatch");
    assertThat(verdict(ofOne.verify(signed("@method content-digest", "", BODY))))
        .isEqualTo("verified");
  }

  @Test
  void eventType_inAHeaderThatIsCovered_isSigned() {
    WebhookVerifier verifier =
        verifier(own("type: \"header:X-Type\"\n"), Secret.of("own", SECRET)).build();
    Header type = new Header("X-Type", "paid");

    assertThat(
            verified(verifier, signed("@method content-digest x-type", "", BODY, type)).eventType())
        .contains(new Attested("paid", true));
    assertThat(verified(verifier, signed("@method content-digest", "", BODY, type)).eventType())
        .contains(new Attested("paid", false));
  }

  // --- ids

  @Test
  void id_inACoveredHeaderThatIsWrittenInAnotherWay_isNoOtherDelivery() {
    Scheme scheme = own("id: \"header:X-Id\"\n");
    WebhookVerifier verifier = verifier(scheme, Secret.of("own", SECRET)).build();
    WebhookRequest request =
        signed("@method content-digest x-id", "", BODY, new Header("X-Id", "a,b"));

    assertThat(verified(verifier, request).deliveryId()).contains(new Attested("a,b", true));
    for (String value : List.of(" a,b", "a,b\t", "a,b \r\n ")) {
      assertThat(verdict(verifier.verify(with(request, "X-Id", value))))
          .as(value)
          .isEqualTo("malformed_id");
    }
    WebhookRequest two =
        signed("@method content-digest x-id", "", BODY, new Header("X-Id", "a, b"));
    assertThat(verdict(verifier.verify(two))).isEqualTo("malformed_id");
    assertThat(verdict(verifier.verify(with(two, "X-Id", "a", "b")))).isEqualTo("ambiguous_header");
  }

  @Test
  void id_ofWhichOnlyTheMeaningIsCovered_identifiesNothing() {
    Scheme scheme = own("id: \"header:Priority\"\n");
    WebhookVerifier verifier = verifier(scheme, Secret.of("own", SECRET)).build();
    WebhookRequest request =
        signed(
            "\"@method\" \"content-digest\" \"priority\";sf",
            "",
            BODY,
            new Header("Priority", "u=1"));

    VerifiedWebhook first = verified(verifier, request);
    VerifiedWebhook again = verified(verifier, with(request, "Priority", "u=01"));

    assertThat(again.claimKey()).isEqualTo(first.claimKey());
  }

  @Test
  void id_addedInAHeaderThatIsNotCovered_doesNotTakeThePlaceOfASignedOne() {
    WebhookVerifier verifier =
        verifier(own("id: [\"header:X-Id\", \"json:/id\"]\n"), Secret.of("own", SECRET)).build();
    WebhookRequest request = signed("@method content-digest", "", BODY);

    VerifiedWebhook first = verified(verifier, request);
    VerifiedWebhook again = verified(verifier, with(request, "X-Id", "another"));

    assertThat(again.deliveryId()).contains(new Attested("evt_1", true));
    assertThat(again.claimKey()).isEqualTo(first.claimKey());
  }

  @Test
  void id_retriedUnderAnotherNonce_isTheSameDelivery() {
    WebhookVerifier verifier =
        verifier(own("id: \"header:X-Id\"\n"), Secret.of("own", SECRET)).build();
    Header id = new Header("X-Id", "d_1");
    String components = "@method content-digest x-id";

    VerifiedWebhook first = verified(verifier, signed(components, "n-1", BODY, id));
    VerifiedWebhook retry = verified(verifier, signed(components, "n-2", BODY, id));
    VerifiedWebhook other = verified(verifier, signed(components, "n-3", BODY + " ", id));

    assertThat(retry.claimKey()).isEqualTo(first.claimKey());
    assertThat(retry.fingerprint()).isEqualTo(first.fingerprint());
    assertThat(other.fingerprint()).isNotEqualTo(first.fingerprint());
  }

  @Test
  void id_signedAnewWithoutTheBody_isTheSameDelivery() {
    WebhookVerifier.Builder lax =
        verifier(own("id: \"header:X-Id\"\n"), Secret.of("own", SECRET))
            .param("required_components", "@method")
            .param("dangerously_allow_unsigned_body", "true");
    Header id = new Header("X-Id", "d_1");

    VerifiedWebhook first = verified(lax.build(), signed("@method x-id", "", BODY, id));
    VerifiedWebhook retry = verified(lax.build(), signed("@method x-id", "n-2", BODY, id));

    assertThat(retry.claimKey()).isEqualTo(first.claimKey());
    assertThat(retry.fingerprint()).isEqualTo(first.fingerprint());
  }

  // --- signing

  @Test
  void signer_ofADigestThatTheRuleNames_writesThatDigest() {
    Map<String, String> params =
        Map.of("required_components", "\"@method\" \"content-digest\";key=\"sha-512\"");
    Secret secret = Secret.of("own", SECRET);
    WebhookRequest request =
        RequestSigner.create(RFC9421, List.of(secret), params)
            .sign(new Outgoing("POST", URL, Headers.of(), BODY.getBytes(UTF_8), "d_1", NOW));
    WebhookVerifier.Builder verifier = verifier(RFC9421, secret);
    params.forEach(verifier::param);

    assertThat(request.headers().first("Content-Digest")).startsWith("sha-512=");
    assertThat(verdict(verifier.build().verify(request))).isEqualTo("verified");
  }

  @Test
  void component_namedTwice_isRefusedInEveryPlace() {
    Map<String, String> twice = Map.of("required_components", "@method @method content-digest");
    String named = "params.required_components names @method twice";
    assertThatThrownBy(() -> WebhookSigner.create(RFC9421, List.of(Secret.of("k", SECRET)), twice))
        .hasMessageContaining(named);
    assertThatThrownBy(
            () ->
                verifier(RFC9421, Secret.of("k", SECRET))
                    .param("required_components", "@method @method content-digest")
                    .build())
        .hasMessageContaining(named);
    assertThatThrownBy(
            () ->
                Schemes.parse(
                    """
                    name: own
                    signature:
                      grammar: message-signature
                      required: ["@method", "content-digest", "@method"]
                      algorithms: [hmac-sha256]
                      tag: "\u00fc"
                    time: { in: "element:created", unit: s, window: 5m }
                    """))
        .hasMessageContaining("signature.required: names @method twice")
        .hasMessageContaining("signature.tag: must be printable ASCII");
    assertThatThrownBy(
            () ->
                MessageSigner.create(
                    "sig1",
                    MessageKey.forSigning(SECRET, SecretForm.BASE64, null),
                    SignatureComponent.listOf("@path @path")))
        .hasMessageContaining("names @path twice");
  }

  @Test
  void tagAndKeyid_thatNoMessageCanCarry_areRefused() {
    for (String param : List.of("tag", "keyid")) {
      assertThatThrownBy(
              () -> verifier(RFC9421, Secret.of("k", SECRET)).param(param, "\u00fc").build())
          .hasMessageContaining("params." + param + " must be printable ASCII");
    }
  }

  @Test
  void signing_withoutWhatIsCovered_namesTheUrlOrTheHeaders() {
    assertThatThrownBy(() -> sign("/in", "@authority content-digest"))
        .hasMessage(
            "url: the covered component @authority cannot be told: the request's URL is not known");
    assertThatThrownBy(() -> sign(URL, "\"@query-param\";name=\"x\" \"content-digest\""))
        .hasMessageStartingWith("url: the covered component");
    assertThatThrownBy(() -> sign(URL, "x-own content-digest"))
        .hasMessage("headers: the covered component x-own is not in the message");
  }

  private static List<Header> sign(String url, String components) {
    return WebhookSigner.create(
            RFC9421, List.of(Secret.of("k", SECRET)), Map.of("required_components", components))
        .sign(new Outgoing("POST", url, Headers.of(), BODY.getBytes(UTF_8), "n1", NOW));
  }
}
