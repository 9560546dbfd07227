package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.WHSEC;
import static dev.gatehouse.webhook.Requests.secrets;
import static dev.gatehouse.webhook.Requests.sign;
import static dev.gatehouse.webhook.Requests.verified;
import static dev.gatehouse.webhook.Requests.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What claims in memory take for the same content, whichever way it was verified and claimed. */
class ClaimedContentTest {
  private static final String SIGNATURE = "webhook-signature";

  private final WebhookVerifier verifier = verifier("standard-webhooks", WHSEC);
  private final MemoryClaims claims =
      new MemoryClaims(100, Duration.ofDays(4), InstantSource.fixed(NOW));

  private VerifiedWebhook delivery(String body, UnaryOperator<String> signature) {
    List<Header> headers =
        sign("standard-webhooks", WHSEC, "", "msg_1", body.getBytes(StandardCharsets.UTF_8))
            .stream()
            .map(
                header ->
                    header.name().equalsIgnoreCase(SIGNATURE)
                        ? new Header(header.name(), signature.apply(header.value()))
                        : header)
            .toList();
    return verified(verifier, headers, body);
  }

  private VerifiedWebhook shortWay(String body) {
    return delivery(body, signature -> signature);
  }

  // While a secret is rotated there are two.
  private VerifiedWebhook longWay(String body) {
    return delivery(body, signature -> "v1,AAAA" + " " + signature);
  }

  private Claim claim(VerifiedWebhook webhook) {
    return claim(webhook.claimKey(), webhook.fingerprint());
  }

  private Claim claim(ClaimKey key, Fingerprint fingerprint) {
    return claims.claim(key, fingerprint, Duration.ofMinutes(1)).result();
  }

  private void done(VerifiedWebhook webhook) {
    long fence = ((Claim.New) claim(webhook)).fence();
    assertThat(claims.complete(webhook.claimKey(), fence, ClaimAnswer.of(204)).result()).isTrue();
  }

  private static String body(int length) {
    return "{\"x\":\"" + "y".repeat(length - 8) + "\"}";
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 1_024, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 100_000})
  void retry_verifiedTheOtherWay_isADuplicate(int length) {
    String body = body(length);
    done(shortWay(body));
    assertThat(claim(longWay(body))).isInstanceOf(Claim.Duplicate.class);
    assertThat(claim(shortWay(body))).isInstanceOf(Claim.Duplicate.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 1_024, 16 * 1024, 16 * 1024 + 1})
  void otherContent_underTheSameId_isAConflict(int length) {
    String body = body(length);
    done(longWay(body));
    String other = body.replace("\"x\"", "\"z\"");
    assertThat(claim(shortWay(other))).isInstanceOf(Claim.Conflict.class);
    assertThat(claim(longWay(other))).isInstanceOf(Claim.Conflict.class);
    assertThat(claim(shortWay(body + " "))).isInstanceOf(Claim.Conflict.class);
  }

  @Test
  void delivery_claimedByItsStoredFingerprint_isKnownAgain() {
    VerifiedWebhook first = shortWay("{}");
    Fingerprint stored = Fingerprint.of(first.fingerprint().toBytes());
    assertThat(claim(first.claimKey(), stored)).isInstanceOf(Claim.New.class);

    assertThat(claim(shortWay("{}"))).isInstanceOf(Claim.InFlight.class);
    assertThat(claim(first.claimKey(), stored)).isInstanceOf(Claim.InFlight.class);
    assertThat(claim(shortWay("[]"))).isInstanceOf(Claim.Conflict.class);
  }

  // Their keys are the same, so what is claimed must be, too.
  @Test
  void retry_thatAnotherVerifierOfTheSourceVerified_isADuplicate() {
    String body = "{\"tenant\":\"acme\"}";
    List<Header> headers =
        sign("standard-webhooks", WHSEC, "", "msg_1", body.getBytes(StandardCharsets.UTF_8));
    TenantId acme = TenantId.of("acme");
    VerifiedWebhook fixed = verified(shop("standard-webhooks").tenant(acme).build(), headers, body);
    VerifiedWebhook read =
        verified(shop("standard-webhooks").tenantPointer("/tenant").build(), headers, body);

    done(fixed);
    assertThat(claim(read)).isInstanceOf(Claim.Duplicate.class);
  }

  @Test
  void retry_underASchemeThatSignsAlike_isADuplicate() {
    List<Header> headers = sign("svix", WHSEC, "", "msg_1", "{}".getBytes(StandardCharsets.UTF_8));
    VerifiedWebhook clerk = verified(shop("clerk").build(), headers, "{}");
    VerifiedWebhook svix = verified(shop("svix").build(), headers, "{}");

    done(clerk);
    assertThat(claim(svix)).isInstanceOf(Claim.Duplicate.class);
  }

  private static WebhookVerifier.Builder shop(String scheme) {
    return WebhookVerifier.builder(Schemes.named(scheme))
        .source("shop")
        .secrets(secrets(WHSEC))
        .clock(InstantSource.fixed(NOW));
  }

  // The digest may be asked for long after the claim, and by another thread.
  @Test
  void fingerprint_askedForLate_isWhatItWasAtOnce() throws Exception {
    Fingerprint first = shortWay("{}").fingerprint();
    shortWay("[\"another\", \"on this thread\"]").fingerprint().toBytes();
    assertThat(CompletableFuture.supplyAsync(first::toBytes).get(10, TimeUnit.SECONDS))
        .isEqualTo(first.toBytes())
        .isEqualTo(shortWay("{}").fingerprint().toBytes());
  }

  @Test
  void fingerprint_whicheverWay_isTheSame() {
    Fingerprint one = shortWay("{}").fingerprint();
    assertThat(longWay("{}").fingerprint()).isEqualTo(one).hasSameHashCodeAs(one);
    assertThat(one.toBytes())
        .isEqualTo(Fingerprint.sha256("msg_1..{}".getBytes(StandardCharsets.UTF_8)));
    assertThat(shortWay("[]").fingerprint()).isNotEqualTo(one);
  }
}
