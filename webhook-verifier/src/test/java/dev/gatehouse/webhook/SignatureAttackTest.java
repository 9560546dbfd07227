package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.BODY;
import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.WHSEC;
import static dev.gatehouse.webhook.Requests.and;
import static dev.gatehouse.webhook.Requests.sign;
import static dev.gatehouse.webhook.Requests.signed;
import static dev.gatehouse.webhook.Requests.value;
import static dev.gatehouse.webhook.Requests.verdict;
import static dev.gatehouse.webhook.Requests.verified;
import static dev.gatehouse.webhook.Requests.verifier;
import static dev.gatehouse.webhook.Requests.verifierAt;
import static dev.gatehouse.webhook.Requests.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The attacks on comparison, secrets, algorithms, headers, time and body, one or more tests each.
 */
class SignatureAttackTest {
  private static final String SIGNATURE = "webhook-signature";

  private final WebhookVerifier standard = verifier("standard-webhooks", WHSEC);
  private final List<Header> headers = signed("standard-webhooks", WHSEC);

  @Test
  void request_untouched_isVerified() {
    assertThat(verdict(standard, headers, BODY)).isEqualTo("verified");
  }

  // ---- comparison

  @ParameterizedTest
  @ValueSource(strings = {"v1,", "v1", ",", "", " ", "v1, ", "v1,=", "v1,====", "v1,AAAA"})
  void signature_emptyOrShort_isMalformed(String text) {
    assertThat(verdict(standard, with(headers, SIGNATURE, text), BODY))
        .isEqualTo("malformed_signature");
  }

  @Test
  void signature_everyPrefix_isRefused() {
    String right = value(headers, SIGNATURE);
    for (int length = 0; length < right.length(); length++) {
      assertThat(verdict(standard, with(headers, SIGNATURE, right.substring(0, length)), BODY))
          .isEqualTo("malformed_signature");
    }
  }

  @Test
  void signature_everyFlippedBit_isRefused() {
    byte[] right = Base64.getDecoder().decode(value(headers, SIGNATURE).substring(3));
    for (int bit = 0; bit < right.length * 8; bit++) {
      byte[] wrong = right.clone();
      wrong[bit / 8] ^= (byte) (1 << bit % 8);
      String text = "v1," + Base64.getEncoder().encodeToString(wrong);
      assertThat(verdict(standard, with(headers, SIGNATURE, text), BODY))
          .isEqualTo("signature_mismatch");
    }
  }

  @Test
  void signature_otherSpellingsOfTheSameBytes_areRefused() {
    String right = value(headers, SIGNATURE);
    char last = right.charAt(right.length() - 2);
    List<String> spellings =
        List.of(
            right.substring(0, right.length() - 1), // padding gone
            right.substring(0, right.length() - 2) + (char) (last + 1) + "=", // stray bits
            right + "=",
            "v1, " + right.substring(3),
            right.replace("v1,", "V1,"));
    for (String spelling : spellings) {
      assertThat(verdict(standard, with(headers, SIGNATURE, spelling), BODY))
          .as(spelling)
          .isIn("malformed_signature", "unknown_signature_version");
    }
  }

  @Test
  void signature_hexInUpperCase_isMalformed() {
    List<Header> github = signed("github", "own-secret");
    String upper = value(github, "X-Hub-Signature-256").toUpperCase(java.util.Locale.ROOT);
    assertThat(
            verdict(
                verifier("github", "own-secret"),
                with(github, "X-Hub-Signature-256", upper.replace("SHA", "sha")),
                BODY))
        .isEqualTo("malformed_signature");
  }

  @Test
  void claimKey_ofASignatureAmongOthers_isThatOfTheSignatureAlone() {
    String right = value(headers, SIGNATURE);
    List<Header> more = with(headers, SIGNATURE, "v1," + "A".repeat(43) + "= " + right);
    assertThat(verified(standard, more, BODY).claimKey())
        .isEqualTo(verified(standard, headers, BODY).claimKey());
  }

  // ---- secrets

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|empty",
        "'   '|empty",
        "whsec_|all zero",
        "whsec_not base64!|base64",
        "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM|base64",
        "${WEBHOOK_SECRET}|unresolved",
        "changeme|placeholder",
        "Secret|placeholder",
        "password|placeholder",
        "your-webhook-secret|placeholder",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=|all zero",
        "whsec_c2hvcnQ=|24",
      })
  void secret_thatProtectsNothing_isRefusedWithARemedyAndNotShown(String secret, String says) {
    assertThatThrownBy(() -> verifier("standard-webhooks", secret))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(says)
        .hasMessageContaining("key-0")
        .satisfies(
            e -> {
              if (secret.length() > 8) {
                assertThat(e.getMessage()).doesNotContain(secret);
              }
            });
  }

  @Test
  void secret_fromAMountedFileWithNewline_verifies(
      @org.junit.jupiter.api.io.TempDir java.nio.file.Path dir) throws Exception {
    java.nio.file.Path file = dir.resolve("webhook");
    java.nio.file.Files.writeString(file, WHSEC + "\n");
    WebhookVerifier fromFile =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(SecretSource.file(file))
            .clock(InstantSource.fixed(NOW))
            .build();
    assertThat(verdict(fromFile, headers, BODY)).isEqualTo("verified");
  }

  @Test
  void secret_ofAnotherSource_isRefused() {
    String other =
        "whsec_" + Base64.getEncoder().encodeToString(new byte[31]).replace("AAAA", "AAAB");
    assertThat(verdict(verifier("standard-webhooks", other), headers, BODY))
        .isEqualTo("signature_mismatch");
  }

  @Test
  void secret_removedByReload_verifiesNoMore_andABadReloadChangesNothing() {
    AtomicReference<List<Secret>> secrets = new AtomicReference<>(List.of(Secret.of("old", WHSEC)));
    WebhookVerifier reloading =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(secrets::get)
            .clock(InstantSource.fixed(NOW))
            .build();
    secrets.set(List.of());
    assertThatThrownBy(reloading::reload).hasMessageContaining("no secret");
    assertThat(verdict(reloading, headers, BODY)).isEqualTo("verified");

    secrets.set(List.of(Secret.of("new", "whsec_bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE=")));
    reloading.reload();
    assertThat(verdict(reloading, headers, BODY)).isEqualTo("signature_mismatch");
  }

  @Test
  void secret_outsideItsWindow_isExpired_andItsSuccessorMatches() {
    Secret old = Secret.of("2026-05", WHSEC).validBetween(null, NOW);
    Secret fresh = Secret.of("2026-11", "whsec_bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE=");
    WebhookVerifier rotating =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(SecretSource.of(fresh, old))
            .clock(InstantSource.fixed(NOW))
            .build();
    assertThat(verdict(rotating, headers, BODY)).isEqualTo("expired_key");
    VerifiedWebhook webhook =
        verified(rotating, signed("standard-webhooks", fresh.revealText()), BODY);
    assertThat(webhook.keyId()).isEqualTo("2026-11");
    assertThat(webhook.keyIndex()).isZero();
  }

  @Test
  void secret_isNeverPartOfAnyText() {
    Secret secret = Secret.of("id", WHSEC);
    assertThat(secret.toString()).isEqualTo("Secret[id, redacted]");
    assertThat(verified(standard, headers, BODY).toString()).doesNotContain("evt_1", WHSEC);
  }

  // ---- algorithms

  @ParameterizedTest
  @ValueSource(strings = {"v0,", "v2,", "v1a,", "V1,", "hmac,"})
  void signature_underAnotherVersion_isUnknown(String version) {
    String text = version + value(headers, SIGNATURE).substring(3);
    assertThat(verdict(standard, with(headers, SIGNATURE, text), BODY))
        .isIn("unknown_signature_version", "malformed_signature");
  }

  @Test
  void ed25519PublicKey_ofSmallOrder_isRefused() {
    List<String> smallOrder =
        List.of(
            "00".repeat(32),
            "01" + "00".repeat(31),
            "01" + "00".repeat(30) + "80",
            "ec" + "ff".repeat(30) + "7f",
            "ed" + "ff".repeat(30) + "7f", // p, a second spelling of 0
            "ee" + "ff".repeat(30) + "7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa");
    for (String point : smallOrder) {
      assertThatThrownBy(() -> verifier("discord", point))
          .as(point)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void privateKey_whereAPublicOneBelongs_isRefusedWithTheRemedy() {
    String whsk =
        "whsk_"
            + Base64.getEncoder().encodeToString("x".repeat(64).getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> verifier("standard-webhooks", whsk))
        .hasMessageContaining("private key")
        .hasMessageContaining("whpk_");
  }

  @Test
  void hmacOverAPublicKeysText_doesNotPassForItsOwner() {
    // Algorithm confusion: the public key is known to all, so nobody may sign with it as a secret.
    String whpk =
        "whpk_"
            + Base64.getEncoder()
                .encodeToString(
                    HexFormat.of()
                        .parseHex(
                            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    String asSecret = whpk.substring(5);
    WebhookVerifier asymmetric = verifier("standard-webhooks", whpk);
    List<Header> forged = signed("standard-webhooks", "whsec_" + asSecret);
    assertThat(verdict(asymmetric, forged, BODY)).isEqualTo("signature_mismatch");
    assertThat(
            verdict(
                asymmetric,
                with(forged, SIGNATURE, value(forged, SIGNATURE).replace("v1,", "v1a,")),
                BODY))
        .isEqualTo("malformed_signature");
  }

  // ---- headers

  @ParameterizedTest
  @CsvSource({
    "webhook-signature,missing_signature",
    "webhook-timestamp,missing_timestamp",
    "webhook-id,missing_id"
  })
  void header_missing_isNamed(String name, String reason) {
    assertThat(verdict(standard, with(headers, name, null), BODY)).isEqualTo(reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"webhook-signature", "webhook-timestamp", "webhook-id"})
  void header_twiceWithDifferentValues_isAmbiguous_twiceTheSameIsNot(String name) {
    assertThat(verdict(standard, and(headers, name.toUpperCase(java.util.Locale.ROOT), "1"), BODY))
        .isEqualTo("ambiguous_header");
    assertThat(verdict(standard, and(headers, name, value(headers, name)), BODY))
        .isEqualTo("verified");
  }

  @Test
  void signature_with5000Entries_isRefusedBeforeAnyIsDecoded() {
    String many = ("v1," + "A".repeat(43) + "= ").repeat(5000) + value(headers, SIGNATURE);
    assertThat(verdict(standard, with(headers, SIGNATURE, many), BODY))
        .isEqualTo("malformed_signature");
    String seventeen = "x,y ".repeat(16) + value(headers, SIGNATURE);
    assertThat(verdict(standard, with(headers, SIGNATURE, seventeen), BODY))
        .isEqualTo("malformed_signature");
  }

  @Test
  void signature_of5000EntriesOr64kB_isRefusedWithin50ms() {
    String entries = ("v1," + "A".repeat(43) + "= ").repeat(5000);
    for (String text : List.of(entries, "v1," + "A".repeat(64 * 1024), ",".repeat(64 * 1024))) {
      List<Header> own = with(headers, SIGNATURE, text);
      Duration fastest = Duration.ofDays(1);
      for (int i = 0; i < 5; i++) { // the best of some: a pause of the machine is no finding
        long begin = System.nanoTime();
        assertThat(verdict(standard, own, BODY)).isEqualTo("malformed_signature");
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        fastest = took.compareTo(fastest) < 0 ? took : fastest;
      }
      assertThat(fastest).isLessThan(Duration.ofMillis(50));
    }
  }

  @Test
  void signatures_ofAPublicKey_moreThanFour_areRefusedBeforeAnyIsChecked() {
    var vector = Schemes.named("standard-webhooks-v1a").vectors().get(0);
    WebhookVerifier asymmetric = verifier("standard-webhooks-v1a", vector.secrets().get(0));
    String right = vector.headers().get(SIGNATURE);
    String wrong = "v1a," + "A".repeat(86) + "== ";
    List<Header> own = new ArrayList<>();
    vector.headers().forEach((name, value) -> own.add(new Header(name, value)));
    assertThat(verdict(asymmetric, with(own, SIGNATURE, wrong.repeat(3) + right), vector.body()))
        .isEqualTo("verified");
    assertThat(verdict(asymmetric, with(own, SIGNATURE, wrong.repeat(4) + right), vector.body()))
        .isEqualTo("malformed_signature");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"msg.1767225600", "a.b.1", "msg_1\0", "msg 1", "msg\t1", "münz", "x\r\ny"})
  void id_thatCouldBeReadOtherwise_isMalformed(String id) {
    List<Header> own =
        sign("standard-webhooks", WHSEC, "", id, BODY.getBytes(StandardCharsets.UTF_8));
    assertThat(verdict(standard, own, BODY)).isEqualTo("malformed_id");
  }

  @ParameterizedTest
  @ValueSource(strings = {"123", "kid_b.msg_1", "a.1b", "1.a", "~!$"})
  void id_withOtherDotsAndDigits_passes(String id) {
    List<Header> own =
        sign("standard-webhooks", WHSEC, "", id, BODY.getBytes(StandardCharsets.UTF_8));
    assertThat(verdict(standard, own, BODY)).isEqualTo("verified");
  }

  @Test
  void idTimeAndBody_cannotBeSplitAtAnotherPlace() {
    // What is signed for ("a", t, "1767225600.x") reads as ("a.t", 1767225600, "x") too.
    String body = NOW.getEpochSecond() + ".x";
    List<Header> own =
        sign("standard-webhooks", WHSEC, "", "a", body.getBytes(StandardCharsets.UTF_8));
    List<Header> shifted = with(own, "webhook-id", "a." + NOW.getEpochSecond());
    assertThat(verdict(standard, own, body)).isEqualTo("verified");
    assertThat(verdict(standard, shifted, "x")).isEqualTo("malformed_id");
  }

  @Test
  void signature_inTheQuery_isNotRead() {
    String url = "https://h.example.com/?webhook-signature=" + value(headers, SIGNATURE);
    Verification outcome =
        standard.verify(WebhookRequest.post(url, Headers.of(with(headers, SIGNATURE, null)), BODY));
    assertThat(verdict(outcome)).isEqualTo("missing_signature");
  }

  @Test
  void eventType_ofAnUnsignedHeader_saysSo() {
    List<Header> github = and(signed("github", "own-secret"), "X-GitHub-Event", "push");
    VerifiedWebhook webhook = verified(verifier("github", "own-secret"), github, BODY);
    assertThat(webhook.eventType()).contains(new Attested("push", false));
    assertThat(verified(standard, headers, BODY).eventType())
        .contains(new Attested("invoice.paid", true));
  }

  // ---- time

  @ParameterizedTest
  @CsvSource({"300,verified", "301,too_old", "-300,verified", "-301,too_new"})
  void time_atTheEdgesOfTheWindow_isInclusiveOnBothSides(long later, String expected) {
    WebhookVerifier then =
        verifierAt(NOW.plusSeconds(later), Schemes.named("standard-webhooks"), WHSEC);
    assertThat(verdict(then, headers, BODY)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "NaN",
        "+1767225600",
        "-1767225600",
        "1.7e9",
        "0x69559200",
        "1767225600.0",
        "01767225600",
        "١٧٦٧٢٢٥٦٠٠",
        "9223372036854775808",
        "99999999999999999999",
        "1767225600 ",
        "2026-01-01T00:00:00Z",
        "1_767_225_600",
        "１７６７２２５６００"
      })
  void time_notWrittenInPlainDigits_isMalformed(String time) {
    assertThat(verdict(standard, with(headers, "webhook-timestamp", time), BODY))
        .isEqualTo("malformed_timestamp");
  }

  @Test
  void time_inMilliseconds_isNotTakenForSeconds() {
    assertThat(verdict(standard, with(headers, "webhook-timestamp", NOW.toEpochMilli() + ""), BODY))
        .isIn("malformed_timestamp", "too_new");
  }

  @Test
  void time_whenTheClockGoesBack_isTooNew() {
    WebhookVerifier before = verifierAt(Instant.EPOCH, Schemes.named("standard-webhooks"), WHSEC);
    assertThat(verdict(before, headers, BODY)).isEqualTo("too_new");
  }

  @Test
  void time_atTheEndsOfTheClock_doesNotOverflow() {
    for (Instant end : List.of(Instant.MIN, Instant.MAX)) {
      assertThat(verdict(verifierAt(end, Schemes.named("standard-webhooks"), WHSEC), headers, BODY))
          .isIn("too_new", "too_old");
    }
  }

  @Test
  void replayCheck_skipped_takesAnOldTimeAndStillTheSignature() {
    WebhookVerifier skipping =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(SecretSource.of(Secret.of("k", WHSEC)))
            .dangerouslySkipReplayCheck()
            .build();
    assertThat(verdict(skipping, headers, BODY)).isEqualTo("verified");
    assertThat(verdict(skipping, headers, BODY + " ")).isEqualTo("signature_mismatch");
  }

  // ---- body

  @Test
  void body_everyKindOfBytes_isSignedAsItIs() {
    List<byte[]> bodies =
        List.of(
            new byte[0],
            new byte[] {(byte) 0xFF},
            new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF, '{', '}'},
            "{}\r\n".getBytes(StandardCharsets.UTF_8),
            new byte[] {(byte) 0xE2, (byte) 0x82});
    for (byte[] body : bodies) {
      List<Header> own = sign("standard-webhooks", WHSEC, "", "msg_1", body);
      assertThat(verdict(standard.verify(WebhookRequest.of("POST", "", Headers.of(own), body))))
          .isEqualTo("verified");
      byte[] other = java.util.Arrays.copyOf(body, body.length + 1);
      assertThat(verdict(standard.verify(WebhookRequest.of("POST", "", Headers.of(own), other))))
          .isEqualTo("signature_mismatch");
    }
    List<Header> own = sign("standard-webhooks", WHSEC, "", "m", new byte[] {(byte) 0xFE});
    assertThat(
            verdict(
                standard.verify(
                    WebhookRequest.of("POST", "", Headers.of(own), new byte[] {(byte) 0xFF}))))
        .isEqualTo("signature_mismatch");
  }

  @Test
  void body_inAnyChunks_givesTheSameVerdict() {
    Random random = new Random(7);
    byte[] body = new byte[5_000];
    random.nextBytes(body);
    List<Header> own = sign("standard-webhooks", WHSEC, "", "msg_1", body);
    for (int round = 0; round < 50; round++) {
      VerificationStream stream = standard.begin("POST", "", Headers.of(own));
      if (round % 2 == 0) {
        assertThat(stream.early()).isNull();
      }
      int at = 0;
      while (at < body.length) {
        int size = round == 0 ? 1 : 1 + random.nextInt(700);
        int end = Math.min(body.length, at + size);
        stream.update(java.util.Arrays.copyOfRange(body, at, end));
        at = end;
      }
      VerifiedWebhook webhook = ((Verification.Verified) stream.finish()).webhook();
      assertThat(webhook.body().getBytes()).isEqualTo(body);
    }
  }

  @Test
  void stream_inOnePiece_decidesLikeOneWhoseHeadWasAskedForBefore() {
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    byte[] tampered = (BODY + " ").getBytes(StandardCharsets.UTF_8);
    List<Header> unsigned = List.of(new Header("webhook-id", "msg_1"));
    for (List<Header> head : List.of(headers, unsigned)) {
      for (byte[] sent : List.of(body, tampered, new byte[0])) {
        VerificationStream asked = standard.begin("POST", "", Headers.of(head));
        asked.early();
        asked.update(sent);
        VerificationStream unasked = standard.begin("POST", "", Headers.of(head));
        unasked.update(sent);
        VerificationStream later = standard.begin("POST", "", Headers.of(head));
        later.update(sent);
        String verdict = verdict(asked.finish());
        assertThat(verdict(unasked.finish())).isEqualTo(verdict);
        assertThat(verdict(later.end().result())).isEqualTo(verdict);
        assertThat(verdict)
            .isEqualTo(
                head == unsigned
                    ? "missing_signature"
                    : sent == body ? "verified" : "signature_mismatch");
      }
    }
  }

  @Test
  void stream_endedTwice_saysSo() {
    VerificationStream stream = standard.begin("POST", "", Headers.of(headers));
    stream.update(BODY.getBytes(StandardCharsets.UTF_8));
    assertThat(verdict(stream.finish())).isEqualTo("verified");
    assertThatThrownBy(stream::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ended before");
  }

  @Test
  void stream_abandonedHalfway_doesNotSpoilTheNext() {
    for (int i = 0; i < 40; i++) {
      VerificationStream stream = standard.begin("POST", "", Headers.of(headers));
      stream.update("garbage".getBytes(StandardCharsets.UTF_8));
      stream.abandon();
      assertThat(verdict(standard, headers, BODY)).isEqualTo("verified");
    }
  }

  @Test
  void stream_whoseFirstKeyDoesNotMatch_triesTheOthers() {
    WebhookVerifier two =
        verifier("standard-webhooks", "whsec_bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE=", WHSEC);
    VerificationStream stream = two.begin("POST", "", Headers.of(headers));
    stream.update(BODY.getBytes(StandardCharsets.UTF_8));
    assertThat(((Verification.Verified) stream.finish()).webhook().keyIndex()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br", "deflate", "identity, gzip", "x"})
  void body_compressed_isRefused(String encoding) {
    assertThat(verdict(standard, and(headers, "Content-Encoding", encoding), BODY))
        .isEqualTo("unsupported_content_encoding");
  }

  @Test
  void body_signedButNotReadable_isMalformedWhereItsIdIsNeeded() {
    List<String> unreadable =
        List.of(
            "",
            "x",
            "{\"id\":\"a\",\"id\":\"b\"}",
            "{\"id\":\"a\"} {}",
            "{\"id\":\"a\"",
            "\uFEFF{\"id\":\"a\"}",
            "[".repeat(10_000),
            "{\"a\":".repeat(300) + "1" + "}".repeat(300),
            "{\"n\":" + "9".repeat(2_000) + ",\"id\":\"a\"}");
    WebhookVerifier stripe = verifier("stripe", "whsec_text");
    for (String body : unreadable) {
      List<Header> own =
          sign("stripe", "whsec_text", "", "", body.getBytes(StandardCharsets.UTF_8));
      assertThat(verdict(stripe, own, body))
          .as(body.substring(0, Math.min(20, body.length())))
          .isEqualTo("malformed_body");
    }
    byte[] utf16 = "{\"id\":\"a\"}".getBytes(StandardCharsets.UTF_16LE);
    List<Header> own = sign("stripe", "whsec_text", "", "", utf16);
    assertThat(verdict(stripe.verify(WebhookRequest.of("POST", "", Headers.of(own), utf16))))
        .isEqualTo("malformed_body");
  }

  @Test
  void body_unverified_isNeverParsed() {
    // The body is not JSON, yet the verdict is about the signature: nobody looked.
    List<Header> stripe = signed("stripe", "whsec_text");
    assertThat(verdict(verifier("stripe", "whsec_other"), stripe, "[".repeat(100_000)))
        .isEqualTo("signature_mismatch");
  }

  @Test
  void form_movedIntoTheUrlBehindABodyHash_isRefused() {
    // Somebody texts "&bodySHA256=…&"; the signed form, read as part of the URL, would then vouch
    // for whatever body has that hash.
    String evil = "{\"amount\":1000000}";
    String hash =
        HexFormat.of().formatHex(Fingerprint.sha256(evil.getBytes(StandardCharsets.UTF_8)));
    String url = "https://h.example.com/sms?x=1";
    String text = "&bodySHA256=" + hash + "&";
    byte[] form =
        ("Body=" + java.net.URLEncoder.encode(text, StandardCharsets.UTF_8) + "&From=1")
            .getBytes(StandardCharsets.UTF_8);
    Headers type = Headers.of("Content-Type", "application/x-www-form-urlencoded");
    List<Header> own =
        WebhookSigner.create(
                Schemes.named("twilio"),
                List.of(Secret.of("own", "own-twilio-token")),
                java.util.Map.of())
            .sign(new WebhookSigner.Outgoing("POST", url, type, form, "m", NOW));
    WebhookVerifier twilio = verifier("twilio", "own-twilio-token");
    Verification moved =
        twilio.verify(WebhookRequest.post(url + "Body" + text + "From1", Headers.of(own), evil));
    assertThat(verdict(moved)).isEqualTo("signature_mismatch");
  }

  // ---- any header at all

  @Test
  void verify_ofRandomGarbage_neverThrowsAndNeverAccepts() {
    Random random = new Random(42);
    String alphabet = "v10,=;: .abcXYZ/+%\u0000\u00ff\u0660\"{}[]\\\n-_~tsh";
    for (String scheme : Schemes.names()) {
      WebhookVerifier verifier = anyVerifier(scheme);
      for (int i = 0; i < 300; i++) {
        List<Header> garbage = new ArrayList<>();
        for (String name : namesOf(verifier)) {
          garbage.add(new Header(name, text(random, alphabet)));
        }
        assertThat(
                verdict(
                    verifier.verify(
                        WebhookRequest.post(
                            "https://h.example.com/x?" + text(random, alphabet),
                            Headers.of(garbage),
                            text(random, alphabet)))))
            .isNotIn("verified", "handshake");
      }
    }
  }

  private static WebhookVerifier anyVerifier(String scheme) {
    var vector = Schemes.named(scheme).vectors().get(0);
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(Schemes.named(scheme))
            .secrets(Requests.secrets(vector.secrets().toArray(String[]::new)))
            .clock(InstantSource.fixed(NOW));
    vector.params().forEach(builder::param);
    return builder.build();
  }

  private static List<String> namesOf(WebhookVerifier verifier) {
    List<String> names = new ArrayList<>(List.of("Content-Type"));
    for (var variant : verifier.scheme().variants()) {
      variant.places().forEach(place -> names.add(place.header()));
      if (variant.time() != null) {
        names.add(variant.time().in().name());
      }
      variant.ids().forEach(id -> names.add(id.name()));
    }
    return names;
  }

  private static String text(Random random, String alphabet) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(80); i > 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  // --- words and labels before a bare signature

  private static String verdictOfVector(String scheme, UnaryOperator<String> change) {
    Scheme.Vector vector = Schemes.named(scheme).vectors().get(0);
    List<Header> changed = new ArrayList<>();
    String place = Schemes.named(scheme).variants().get(0).places().get(0).header();
    vector
        .headers()
        .forEach(
            (name, value) ->
                changed.add(
                    new Header(name, name.equalsIgnoreCase(place) ? change.apply(value) : value)));
    WebhookVerifier verifier = verifier(scheme, vector.secrets().get(0));
    return verdict(
        verifier.verify(WebhookRequest.post(vector.url(), Headers.of(changed), vector.body())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"azure-devops", "chargebee", "cloudevents", "microsoft-teams", "postmark"})
  void word_ofAnAuthorization_isReadInAnyCase(String scheme) {
    assertThat(verdictOfVector(scheme, s -> s)).isEqualTo("verified");
    assertThat(verdictOfVector(scheme, s -> cased(s, false))).isEqualTo("verified");
    assertThat(verdictOfVector(scheme, s -> cased(s, true))).isEqualTo("verified");
    assertThat(verdictOfVector(scheme, s -> "Digest" + s.substring(s.indexOf(' '))))
        .isEqualTo("malformed_signature");
    assertThat(verdictOfVector(scheme, s -> s.substring(s.indexOf(' ') + 1)))
        .isEqualTo("malformed_signature");
  }

  private static String cased(String text, boolean upper) {
    int end = text.indexOf(' ');
    String word = text.substring(0, end);
    return (upper ? word.toUpperCase(Locale.ROOT) : word.toLowerCase(Locale.ROOT))
        + text.substring(end);
  }

  @Test
  void label_ofAnotherVersion_isToldAsOneAlsoWithAHyphen() {
    assertThat(verdictOfVector("github", s -> s.replace("sha256=", "sha1=")))
        .isEqualTo("unknown_signature_version");
    assertThat(verdictOfVector("airtable", s -> s.replace("hmac-sha256=", "hmac-sha1=")))
        .isEqualTo("unknown_signature_version");
    assertThat(verdictOfVector("airtable", s -> s.replace("hmac-sha256=", "")))
        .isEqualTo("malformed_signature");
  }
}
