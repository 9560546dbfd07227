package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.BODY;
import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.WHSEC;
import static dev.gatehouse.webhook.Requests.and;
import static dev.gatehouse.webhook.Requests.secrets;
import static dev.gatehouse.webhook.Requests.sign;
import static dev.gatehouse.webhook.Requests.signed;
import static dev.gatehouse.webhook.Requests.verdict;
import static dev.gatehouse.webhook.Requests.verified;
import static dev.gatehouse.webhook.Requests.verifier;
import static dev.gatehouse.webhook.Requests.verifierAt;
import static dev.gatehouse.webhook.Requests.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever captured a delivery must not be able to make it a new one by what is not signed. */
class ReplayIdentityTest {
  private static final String SECRET = "own-text";

  @Test
  void claimKey_partsSplitElsewhere_isAnother() {
    byte[] id = {'c'};
    assertThat(ClaimKey.of("ab", "", id))
        .isNotEqualTo(ClaimKey.of("a", "b", id))
        .isNotEqualTo(ClaimKey.of("", "ab", id))
        .isNotEqualTo(ClaimKey.of("a", "", new byte[] {'b', 'c'}));
  }

  // Worked out elsewhere, from what ClaimKey says that it is: stores keep keys over an upgrade, and
  // one that is made in another way would let every known delivery in again.
  @Test
  void claimKey_ofASignedId_isWhatItWasInEarlierVersions() {
    String withTenant = "3ef080d1e532ed6235ca99089a7ec9c1e1d88ef497a37631df9e45854a15dbf7";
    String body = "{\"tenant\":\"acme\"}";
    List<Header> headers =
        sign("standard-webhooks", WHSEC, "", "msg_1", body.getBytes(StandardCharsets.UTF_8));

    assertThat(ClaimKey.of("acme", "shop", new byte[] {'d', '1'}).toHex())
        .isEqualTo("cf0a51f6c5aa5ab8eb92fc2f975b02971757f35bbbcccbb3920b06518efbe3bb");
    assertThat(verified(shop().build(), headers, body).claimKey().toHex())
        .isEqualTo("c4a1eda6ae4517125edce93cae3746c24a56aa7e6ef8194de2df8f1f46b6751d");
    assertThat(
            verified(shop().tenant(TenantId.of("acme")).build(), headers, body).claimKey().toHex())
        .isEqualTo(withTenant);
    assertThat(verified(shop().tenantPointer("/tenant").build(), headers, body).claimKey().toHex())
        .as("a tenant that only the body tells")
        .isEqualTo(withTenant);
  }

  @Test
  void indexBytes_ofASignedId_areTheDigestBehindItsBeginning() {
    String id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    ClaimKey key =
        verified(shop().build(), sign("standard-webhooks", WHSEC, "", id, body), "{}").claimKey();

    assertThat(key.toIndexBytes(16))
        .startsWith("msg_2KWPBgLl".getBytes(StandardCharsets.UTF_8))
        .endsWith(Arrays.copyOf(key.toBytes(), 16))
        .hasSize(28);
    assertThat(ClaimKey.of("acme", "shop", new byte[] {7}).toIndexBytes(32)).hasSize(33);
    assertThatThrownBy(() -> key.toIndexBytes(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> key.toIndexBytes(33)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void indexBytes_ofAnIdThatIsNotSigned_areTheDigestAlone() {
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    WebhookVerifier github = verifier("github", SECRET);
    ClaimKey first = verified(github, sign("github", SECRET, "", "a-1", body), BODY).claimKey();
    ClaimKey picked = verified(github, sign("github", SECRET, "", "b-2", body), BODY).claimKey();

    assertThat(first.toIndexBytes(16)).isEqualTo(Arrays.copyOf(first.toBytes(), 16));
    assertThat(picked.toIndexBytes(16)).isEqualTo(first.toIndexBytes(16));
  }

  private static WebhookVerifier.Builder shop() {
    return WebhookVerifier.builder(Schemes.named("standard-webhooks"))
        .source("shop")
        .secrets(secrets(WHSEC))
        .clock(InstantSource.fixed(NOW));
  }

  @Test
  void claimKey_ofAFormUnderAnotherContentType_isTheSame() {
    String form = "command=%2Fdeploy&trigger_id=13345224609.738474920";
    List<Header> own = sign("slack", SECRET, "", "", form.getBytes(StandardCharsets.UTF_8));
    WebhookVerifier slack = verifier("slack", SECRET);
    VerifiedWebhook first =
        verified(slack, and(own, "Content-Type", "application/x-www-form-urlencoded"), form);
    assertThat(first.deliveryId()).contains(new Attested("13345224609.738474920", true));
    for (String type : List.of("text/plain", "x")) {
      VerifiedWebhook replay = verified(slack, and(own, "Content-Type", type), form);
      assertThat(replay.claimKey()).as(type).isEqualTo(first.claimKey());
      assertThat(replay.eventType()).contains(new Attested("/deploy", true));
    }
    assertThat(verified(slack, own, form).claimKey()).isEqualTo(first.claimKey());
  }

  @Test
  void claimKey_ofABodyWhoseBeginningMovedIntoTheUrl_isTheSame() {
    // HubSpot signs method, URL, body and time with nothing between them.
    String url = "https://h.example.com/hs?a=1";
    List<Header> own = sign("hubspot", SECRET, url, "", BODY.getBytes(StandardCharsets.UTF_8));
    WebhookVerifier hubspot = verifier("hubspot", SECRET);
    VerifiedWebhook first = at(hubspot, url, own, BODY);
    VerifiedWebhook moved = at(hubspot, url + BODY.substring(0, 9), own, BODY.substring(9));
    assertThat(moved.claimKey()).isEqualTo(first.claimKey());
    assertThat(moved.fingerprint()).isEqualTo(first.fingerprint());
  }

  @Test
  void claimKey_ofAFormThatMovedIntoTheUrl_isTheSame() {
    String url = "https://h.example.com/sms?a=1";
    String form = "From=%2B1555&Body=hi";
    Headers none = Headers.of("Content-Type", "application/x-www-form-urlencoded");
    List<Header> own =
        WebhookSigner.create(Schemes.named("twilio"), List.of(Secret.of("own", SECRET)), Map.of())
            .sign(new Outgoing("POST", url, none, form.getBytes(StandardCharsets.UTF_8), "i", NOW));
    WebhookVerifier twilio = verifier("twilio", SECRET);
    VerifiedWebhook first =
        at(twilio, url, and(own, "Content-Type", none.first("content-type")), form);
    VerifiedWebhook moved = at(twilio, url + "Bodyhi" + "From+1555", own, "");
    assertThat(moved.claimKey()).isEqualTo(first.claimKey());
  }

  @Test
  void claimKey_ofRequestsWithoutABodyOfWhichOnlyTheTimeIsSigned_isAnotherForEachTime() {
    ClaimKey first = get("zendesk", "https://h.example.com/z?a=1", NOW);

    assertThat(get("zendesk", "https://h.example.com/z?a=1", NOW.plusSeconds(1)))
        .isNotEqualTo(first);
    assertThat(get("zendesk", "https://h.example.com/z?a=2", NOW))
        .as("the query is not signed: a replay must not be new by it")
        .isEqualTo(first);
  }

  @Test
  void claimKey_ofRequestsWithoutABodyThatSignNothingOfIt_tellsTheirQueriesApart() {
    ClaimKey first = get("plivo-v2", "https://h.example.com/p?CallUUID=1", NOW);

    assertThat(get("plivo-v2", "https://h.example.com/p?CallUUID=2", NOW)).isNotEqualTo(first);
    assertThat(get("plivo-v2", "https://h.example.com/p?CallUUID=1", NOW.plusSeconds(1)))
        .isEqualTo(first);
  }

  private static ClaimKey get(String name, String url, Instant now) {
    Scheme scheme = Schemes.named(name);
    WebhookRequest signed =
        RequestSigner.create(scheme, List.of(Secret.of("own", SECRET)), Map.of())
            .sign(new Outgoing("GET", url, Headers.of(), new byte[0], "d_" + now, now));
    Verification outcome = verifierAt(now, scheme, SECRET).verify(signed);
    assertThat(outcome).isInstanceOf(Verification.Verified.class);
    return ((Verification.Verified) outcome).webhook().claimKey();
  }

  @Test
  void claimKey_whenAnUnsignedIdIsAddedBesideASignedOne_isTheSame() {
    Scheme scheme = own("content: \"{body}\"\nid: [\"header:X-Id\", \"json:/id\"]\n");
    WebhookVerifier verifier = verifierAt(NOW, scheme, SECRET);
    List<Header> headers = signedBy(scheme, BODY, "unsigned");
    VerifiedWebhook bare = verified(verifier, with(headers, "X-Id", null), BODY);
    VerifiedWebhook replay = verified(verifier, with(headers, "X-Id", "attacker"), BODY);
    assertThat(bare.deliveryId()).contains(new Attested("evt_1", true));
    assertThat(replay.claimKey()).isEqualTo(bare.claimKey());
  }

  @Test
  void claimKey_ofEqualBodies_takesTheIdButCannotTakeAnotherDeliverysPlace() {
    Scheme scheme = own("content: \"{body}\"\nid: header:X-Id\nequalBodies: true\n");
    WebhookVerifier verifier = verifierAt(NOW, scheme, SECRET);
    List<Header> captured = signedBy(scheme, "captured", "id-1");
    ClaimKey first = verified(verifier, captured, "captured").claimKey();
    assertThat(verified(verifier, with(captured, "X-Id", "id-2"), "captured").claimKey())
        .isNotEqualTo(first);
    // The attacker sends the captured body under the id of a delivery that is still to come.
    ClaimKey taken = verified(verifier, with(captured, "X-Id", "id-9"), "captured").claimKey();
    ClaimKey honest = verified(verifier, signedBy(scheme, "next", "id-9"), "next").claimKey();
    assertThat(honest).isNotEqualTo(taken);
  }

  @Test
  void id_ofHalfACharacter_isMalformedAndNotAQuestionMark() {
    String half = "{\"id\":\"\\ud800\"}";
    List<Header> own = sign("stripe", SECRET, "", "", half.getBytes(StandardCharsets.UTF_8));
    assertThat(verdict(verifier("stripe", SECRET), own, half)).isEqualTo("malformed_body");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{id}.{body}", "{time}.{id}.{body}", "{id}:{time}:{body}"})
  void id_thatHoldsItsSeparator_isNotReadTwoWays(String content) {
    Scheme scheme =
        own(
            "content: \""
                + content
                + "\"\nid: header:X-Id\n"
                + (content.contains("time") ? "time: { in: \"header:X-Time\" }\n" : ""));
    WebhookVerifier verifier = verifierAt(NOW, scheme, SECRET);
    String separator = content.contains(":") ? ":" : ".";
    String rest = NOW.getEpochSecond() + separator + "x";
    List<Header> headers = signedBy(scheme, rest, "a");
    assertThat(verdict(verifier, headers, rest)).isEqualTo("verified");
    List<Header> shifted = with(headers, "X-Id", "a" + separator + NOW.getEpochSecond());
    assertThat(verdict(verifier, shifted, "x")).isEqualTo("malformed_id");
  }

  @Test
  void contentEncoding_twice_isRefusedWhicheverComesFirst() {
    List<Header> github = signed("github", SECRET);
    List<Header> twice =
        and(and(github, "Content-Encoding", "identity"), "Content-Encoding", "gzip");
    assertThat(verdict(verifier("github", SECRET), twice, BODY))
        .isEqualTo("unsupported_content_encoding");
  }

  private static Scheme own(String rest) {
    return Schemes.parse(
        "name: own\nsignature:\n  in: header:X-Sig\n  accept: [ { algorithm: hmac-sha256 } ]\n"
            + rest);
  }

  private static List<Header> signedBy(Scheme scheme, String body, String id) {
    return WebhookSigner.create(scheme, List.of(Secret.of("own", SECRET)), Map.of())
        .sign(
            new Outgoing("POST", "", Headers.of(), body.getBytes(StandardCharsets.UTF_8), id, NOW));
  }

  private static VerifiedWebhook at(
      WebhookVerifier verifier, String url, List<Header> headers, String body) {
    Verification outcome = verifier.verify(WebhookRequest.post(url, Headers.of(headers), body));
    assertThat(outcome).isInstanceOf(Verification.Verified.class);
    return ((Verification.Verified) outcome).webhook();
  }
}
