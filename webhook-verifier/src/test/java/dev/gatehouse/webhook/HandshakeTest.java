package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.HandshakeSchemes.post;
import static dev.gatehouse.webhook.HandshakeSchemes.unsigned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.FailureMode;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Mode;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.webhook.RawClient.Answer;
import io.vertx.core.Future;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of handshake over HTTP: its answer, and what it refuses. */
class HandshakeTest {
  private static final String GUID = "512d38b6-c7b8-40c8-89fe-f46f9e9622b6";

  private static Hook open(String handshakes, String... params) {
    return open(o -> o, handshakes, params);
  }

  private static Hook open(
      UnaryOperator<WebhookHandler.Builder> options, String handshakes, String... params) {
    return Hook.open(
        HandshakeSchemes.with(handshakes),
        verifier -> {
          for (int i = 0; i < params.length; i += 2) {
            verifier.param(params[i], params[i + 1]);
          }
          return verifier;
        },
        options);
  }

  private static byte[] mac(String algorithm, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(algorithm);
    mac.init(new SecretKeySpec(Hook.bytes(Hook.SECRET), algorithm));
    return mac.doFinal(Hook.bytes(text));
  }

  private static void assertGuarded(Answer answer) {
    assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.head()).doesNotContainIgnoringCase("set-cookie");
  }

  private static void assertRefused(Hook hook, Answer answer) {
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).isEmpty();
    assertThat(hook.audited(AuditEvent.Outcome.DENIED)).contains("handshake_refused");
    assertThat(hook.audited(AuditEvent.Outcome.ALLOWED)).isEmpty();
    assertThat(hook.runs).hasValue(0);
  }

  @Test
  void crc_ofATokenInItsGrammar_isAnsweredWithItsMac() throws Exception {
    try (Hook hook = open(HandshakeSchemes.CRC)) {
      Answer answer = hook.send(unsigned("GET", "/hook?crc_token=challenge_string", ""));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.body())
          .isEqualTo(
              "{\"response_token\":\"sha256="
                  + Base64.getEncoder().encodeToString(mac("HmacSHA256", "challenge_string"))
                  + "\"}");
      assertGuarded(answer);
      assertThat(hook.runs).hasValue(0);
      assertThat(hook.audit.events().get(0).details().get("handshake").text()).isEqualTo("crc");
    }
  }

  @Test
  void braintreeChallenge_ofItsGrammar_isAnsweredWithKeyAndMac() throws Exception {
    try (Hook hook = open(HandshakeSchemes.BRAINTREE, "public_key", "own_public")) {
      String challenge = "20f9f8ed05f77439fe955c977e4c8a53";
      Answer answer = hook.send(unsigned("GET", "/hook?bt_challenge=" + challenge, ""));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("text/plain");
      assertThat(answer.body())
          .isEqualTo("own_public|" + HexFormat.of().formatHex(mac("HmacSHA1", challenge)));
      assertGuarded(answer);
    }
  }

  @Test
  void braintreeChallenge_withoutTheConstantOfItsAnswer_isRefused() throws Exception {
    try (Hook hook = open(HandshakeSchemes.BRAINTREE)) {
      String challenge = "20f9f8ed05f77439fe955c977e4c8a53";
      assertRefused(hook, hook.send(unsigned("GET", "/hook?bt_challenge=" + challenge, "")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bt_challenge=20f9f8ed05f77439fe9",
        "bt_challenge=20f9f8ed05f77439fe955c977e4c8a530",
        "bt_challenge=20F9F8ED05F77439FE955C977E4C8A53",
        "bt_challenge=20f9f8ed05f77439fe955c977e4c8a5g",
        "bt_challenge=20f9f8ed05f77439fe955c977e4c8a53%0A",
        "bt_challenge=",
        "bt_challenge=20f9f8ed05f77439fe95&bt_challenge=20f9f8ed05f77439fe95",
        "bt_challenge=20f9f8ed05f77439fe95&bt_challenge=x",
        "bt_challeng=20f9f8ed05f77439fe95",
      })
  void braintreeChallenge_outsideItsGrammar_isRefused(String query) throws Exception {
    try (Hook hook = open(HandshakeSchemes.BRAINTREE, "public_key", "own_public")) {
      assertRefused(hook, hook.send(unsigned("GET", "/hook?" + query, "")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%7B%22id%22%3A1%7D",
        "%5B1%5D",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "a%22b",
        "a%0D%0AX-Evil:1",
        "a%00b",
        "a+b",
        "%C3%A4",
        "%D9%A1",
        "%zz",
        "",
        "a&crc_token=a",
        "a&crc_token=b",
      })
  void crc_ofATokenOutsideItsGrammar_isRefused(String token) throws Exception {
    try (Hook hook = open(HandshakeSchemes.CRC)) {
      assertRefused(hook, hook.send(unsigned("GET", "/hook?crc_token=" + token, "")));
    }
  }

  @Test
  void crc_overLong_isRefused() throws Exception {
    try (Hook hook = open(HandshakeSchemes.CRC)) {
      assertThat(hook.send(unsigned("GET", "/hook?crc_token=" + "a".repeat(128), "")).status())
          .isEqualTo(200);
      Answer answer = hook.send(unsigned("GET", "/hook?crc_token=" + "a".repeat(129), ""));
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void challenge_echoed_isPlainTextThatNobodySniffs() throws Exception {
    try (Hook hook = open(HandshakeSchemes.ECHO)) {
      Answer answer = hook.send(unsigned("GET", "/hook?challenge=abc123", ""));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
      assertThat(answer.body()).isEqualTo("abc123");
      assertGuarded(answer);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%3Cscript%3E", "a%0D%0Ab", "", "a&challenge=b", "%22", "%26lt%3B"})
  void challenge_asReflectedScriptOrHeader_isRefused(String challenge) throws Exception {
    try (Hook hook = open(HandshakeSchemes.ECHO)) {
      assertRefused(hook, hook.send(unsigned("GET", "/hook?challenge=" + challenge, "")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE", "TRACE", "OPTIONS"})
  void challenge_withAnotherMethod_is405(String method) throws Exception {
    try (Hook hook = open(HandshakeSchemes.ECHO)) {
      Answer answer = hook.send(unsigned(method, "/hook?challenge=abc", ""));
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("Allow")).isEqualTo("GET, POST");
    }
  }

  @Test
  void challenge_inAPost_isADeliveryThatIsNotSigned() throws Exception {
    try (Hook hook = open(HandshakeSchemes.ECHO)) {
      Answer answer = hook.send(unsigned("POST", "/hook?challenge=abc", "{}"));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void get_signedOverNothing_isNoDelivery() throws Exception {
    try (Hook hook = open(HandshakeSchemes.ECHO)) {
      String signature = "X-Own-Signature: " + HandshakeSchemes.signature("");
      assertRefused(hook, hook.send(unsigned("GET", "/hook", "", signature)));
    }
  }

  @Test
  void validationToken_inAPost_isEchoedAsPlainText() throws Exception {
    try (Hook hook = open(HandshakeSchemes.GRAPH)) {
      Answer answer =
          hook.send(
              unsigned(
                  "POST",
                  "/hook?validationToken=Validation%3A+Testing+client+Request-Id%3A+" + GUID,
                  ""));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
      assertThat(answer.body()).isEqualTo("Validation: Testing client Request-Id: " + GUID);
      assertGuarded(answer);
      assertThat(hook.send(post("/hook", "{\"value\":[]}")).status()).isEqualTo(204);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%3Cimg+src=x%3E",
        "a%0Ab",
        "a%27b",
        "a;b",
        "%7B%7D",
        "a&validationToken=a",
        "",
      })
  void validationToken_outsideItsAlphabet_isRefused(String token) throws Exception {
    try (Hook hook = open(HandshakeSchemes.GRAPH)) {
      assertRefused(hook, hook.send(unsigned("POST", "/hook?validationToken=" + token, "")));
      assertThat(
              hook.send(unsigned("POST", "/hook?validationToken=" + "a".repeat(513), "")).status())
          .isEqualTo(401);
    }
  }

  @Test
  void verificationHeader_inAGet_isEchoedInJson() throws Exception {
    try (Hook hook = open(HandshakeSchemes.OKTA)) {
      Answer answer =
          hook.send(unsigned("GET", "/hook", "", "X-Okta-Verification-Challenge: abc-123="));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.body()).isEqualTo("{\"verification\":\"abc-123=\"}");
      assertGuarded(answer);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Okta-Verification-Challenge: a\",\"x\":\"b",
        "X-Okta-Verification-Challenge: <b>",
        "X-Okta-Verification-Challenge: a\r\nX-Okta-Verification-Challenge: b",
        "X-Okta-Verification-Challenge:",
        "X-Other: a",
      })
  void verificationHeader_thatWouldLeaveItsJson_isRefused(String lines) throws Exception {
    try (Hook hook = open(HandshakeSchemes.OKTA)) {
      assertRefused(hook, hook.send(unsigned("GET", "/hook", "", lines)));
    }
  }

  @Test
  void callbackVerification_signed_isAnsweredWithTheRawChallenge() throws Exception {
    try (Hook hook = open(HandshakeSchemes.TWITCH)) {
      String type = "X-Message-Type: webhook_callback_verification";
      String body = "{\"challenge\":\"pogchamp-kappa-360noscope-vohiyo\"}";
      Answer answer = hook.send(post("/hook", body, type));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("text/plain");
      assertThat(answer.body()).isEqualTo("pogchamp-kappa-360noscope-vohiyo");
      assertGuarded(answer);

      Answer forged = hook.send(post("/hook", body, type).replace("pogchamp", "pogchamq"));
      assertThat(forged.status()).isEqualTo(401);
      assertThat(forged.body()).isEmpty();
      assertThat(hook.send(unsigned("POST", "/hook", body, type)).status()).isEqualTo(400);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"event\":{}}",
        "{\"challenge\":\"<script>\"}",
        "{\"challenge\":\"a\",\"challenge\":\"b\"}",
        "{\"challenge\":{\"a\":1}}",
        "challenge",
      })
  void callbackVerification_relabelledOrUnreadable_isNeverADelivery(String body) throws Exception {
    try (Hook hook = open(HandshakeSchemes.TWITCH)) {
      String type = "X-Message-Type: webhook_callback_verification";
      assertRefused(hook, hook.send(post("/hook", body, type)));
    }
  }

  @Test
  void subscriptionValidation_signed_isAnsweredInJson() throws Exception {
    String event =
        "[{\"eventType\":\"Microsoft.EventGrid.SubscriptionValidationEvent\","
            + "\"data\":{\"validationCode\":\""
            + GUID
            + "\"}}]";
    try (Hook hook = open(HandshakeSchemes.AZURE)) {
      String type = "aeg-event-type: SubscriptionValidation";
      Answer answer = hook.send(post("/hook", event, type));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.body()).isEqualTo("{\"validationResponse\":\"" + GUID + "\"}");
      assertGuarded(answer);
      assertThat(hook.send(unsigned("POST", "/hook", event, type)).status()).isEqualTo(400);
      String two = event.replace("}}]", "}},{\"eventType\":\"order\"}]");
      assertThat(hook.send(post("/hook", two, type)).status()).isEqualTo(204);
      assertThat(hook.runs).hasValue(1);
    }
  }

  @Test
  void origin_configured_isGrantedWithItsRate() throws Exception {
    try (Hook hook =
        open(
            HandshakeSchemes.CLOUDEVENTS,
            "allowed_origins",
            "events.example.com, other.example.com",
            "allowed_rate",
            "120")) {
      Answer answer =
          hook.send(
              unsigned(
                  "OPTIONS",
                  "/hook",
                  "",
                  "WebHook-Request-Origin: other.example.com",
                  "WebHook-Request-Callback: http://169.254.169.254/latest"));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("WebHook-Allowed-Origin")).isEqualTo("other.example.com");
      assertThat(answer.header("WebHook-Allowed-Rate")).isEqualTo("120");
      assertThat(answer.header("Allow")).isEqualTo("POST, OPTIONS");
      assertThat(answer.body()).isEmpty();
      assertGuarded(answer);
    }
  }

  @Test
  void origin_withoutAConfiguredRate_isGrantedWithoutOne() throws Exception {
    try (Hook hook = open(HandshakeSchemes.CLOUDEVENTS, "allowed_origins", "events.example.com")) {
      Answer answer =
          hook.send(unsigned("OPTIONS", "/hook", "", "WebHook-Request-Origin: events.example.com"));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.head()).doesNotContainIgnoringCase("WebHook-Allowed-Rate");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WebHook-Request-Origin: evil.example.com",
        "WebHook-Request-Origin: events.example.com.evil.com",
        "WebHook-Request-Origin: *",
        "WebHook-Request-Origin: events.example.com, other.example.com",
        "WebHook-Request-Origin:",
        "WebHook-Request-Origin: events.example.com\r\nWebHook-Request-Origin: x.example.com",
        "Origin: https://events.example.com",
      })
  void origin_notConfigured_isRefused(String lines) throws Exception {
    try (Hook hook = open(HandshakeSchemes.CLOUDEVENTS, "allowed_origins", "events.example.com")) {
      Answer answer = hook.send(unsigned("OPTIONS", "/hook", "", lines));
      assertRefused(hook, answer);
      assertThat(answer.head()).doesNotContainIgnoringCase("WebHook-Allowed");
    }
  }

  @Test
  void hookSecret_whileSwitchedOn_isEchoedAndNeverLearnt() throws Exception {
    try (Hook hook = open(HandshakeSchemes.ASANA, "echo_hook_secret", "true")) {
      String secret = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81";
      Answer answer = hook.send(unsigned("POST", "/hook", "", "X-Hook-Secret: " + secret));

      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("X-Hook-Secret")).isEqualTo(secret);
      assertGuarded(answer);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Hook.bytes(secret), "HmacSHA256"));
      String forged = "sha256=" + HexFormat.of().formatHex(mac.doFinal(Hook.bytes("{}")));
      assertThat(hook.send(unsigned("POST", "/hook", "{}", "X-Own-Signature: " + forged)).status())
          .isEqualTo(401);
      assertThat(hook.audit.events().toString()).doesNotContain(secret);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'',b537207f20cbfa02357cf448134da559",
    "false,b537207f20cbfa02357cf448134da559",
    "TRUE,b537207f20cbfa02357cf448134da559",
    "true,short",
    "true,'b537207f20cbfa02357cf448134da559 <b>'",
  })
  void hookSecret_switchedOffOrMalformed_isRefused(String on, String secret) throws Exception {
    try (Hook hook = open(HandshakeSchemes.ASANA, "echo_hook_secret", on)) {
      Answer answer = hook.send(unsigned("POST", "/hook", "", "X-Hook-Secret: " + secret));
      assertRefused(hook, answer);
      assertThat(answer.head()).doesNotContainIgnoringCase("X-Hook-Secret");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "GET"})
  void urlCheck_byItsMethod_is200WithoutABody(String method) throws Exception {
    String handshake = method.equals("HEAD") ? HandshakeSchemes.HEAD : HandshakeSchemes.GET;
    try (Hook hook = open(handshake)) {
      Answer answer = hook.send(unsigned(method, "/hook?x=%3Cscript%3E", ""));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      assertGuarded(answer);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void intentToReceive_rightOrWrong_is200Or401WithoutABody() throws Exception {
    String probe =
        "{\"events\":[],\"firstEventSequence\":0,\"lastEventSequence\":0,\"entropy\":\"S0m3r4\"}";
    try (Hook hook = open(HandshakeSchemes.XERO)) {
      Answer right = hook.send(post("/hook", probe));
      Answer wrong = hook.send(post("/hook", probe).replace("S0m3", "S0m4"));

      assertThat(right.status()).isEqualTo(200);
      assertThat(right.body()).isEmpty();
      assertGuarded(right);
      assertThat(wrong.status()).isEqualTo(401);
      assertThat(wrong.body()).isEmpty();
      assertThat(wrong.head()).doesNotContainIgnoringCase("set-cookie");
      String delivery = probe.replace("[]", "[{\"resourceId\":\"r\"}]");
      assertThat(hook.send(post("/hook", delivery)).status()).isEqualTo(204);
      assertThat(hook.runs).hasValue(1);
    }
  }

  @Test
  void handshake_ofAStoppedSource_isNotAnswered() throws Exception {
    KillSwitch stop = KillSwitch.create(Hook.CLOCK);
    stop.engage(KillSwitch.Kind.SOURCE, "shop", "test");
    try (Hook hook = open(o -> o.killSwitch(stop), HandshakeSchemes.CRC)) {
      Answer answer = hook.send(unsigned("GET", "/hook?crc_token=abc", ""));
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"k1", "shop/k1"})
  void handshake_byAStoppedKey_isNotAnswered(String key) throws Exception {
    KillSwitch stop = KillSwitch.create(Hook.CLOCK);
    stop.engage(KillSwitch.Kind.KEY, key, "test");
    try (Hook hook = open(o -> o.killSwitch(stop), HandshakeSchemes.CRC + HandshakeSchemes.XERO)) {
      Answer unsigned = hook.send(unsigned("GET", "/hook?crc_token=abc", ""));
      Answer signed =
          hook.send(post("/hook", "{\"firstEventSequence\":0,\"lastEventSequence\":0}"));
      assertThat(unsigned.status()).isEqualTo(401);
      assertThat(unsigned.body()).isEmpty();
      assertThat(signed.status()).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"enforce", "observe"})
  void handshake_budgetSpent_is429AndDeliveriesPass(String mode) throws Exception {
    RateLimiter one = RateLimiter.inMemory(RateLimiter.Rate.perMinute(1), 100, Hook.CLOCK);
    Mode binds = mode.equals("observe") ? Mode.OBSERVE : Mode.ENFORCE;
    try (Hook hook = open(o -> o.failureLimiter(one).mode(binds), HandshakeSchemes.CRC)) {
      String get = unsigned("GET", "/hook?crc_token=abc", "");
      assertThat(hook.send(get).status()).isEqualTo(200);
      Answer limited = hook.send(get);

      assertThat(limited.status()).isEqualTo(429);
      assertThat(limited.body()).isEmpty();
      assertThat(limited.header("Retry-After")).isEqualTo("60");
      assertThat(hook.audited(AuditEvent.Outcome.DENIED)).containsExactly("rate_limited");
      assertThat(hook.send(post("/hook", "{}")).status()).isEqualTo(204);
    }
  }

  @ParameterizedTest
  @CsvSource({"CLOSED,503", "OPEN,200"})
  void handshake_budgetUnreachable_followsTheFailureMode(FailureMode mode, int status)
      throws Exception {
    RateLimiter broken = (key, permits) -> Future.failedFuture("down");
    try (Hook hook = open(o -> o.failureLimiter(broken).failureMode(mode), HandshakeSchemes.CRC)) {
      assertThat(hook.send(unsigned("GET", "/hook?crc_token=abc", "")).status()).isEqualTo(status);
      AuditEvent event = hook.audit.events().get(0);
      assertThat(event.outcome()).isEqualTo(AuditEvent.Outcome.BROKEN);
      assertThat(event.code()).isEqualTo("limiter_unreachable");
      assertThat(event.details().get("passed").text()).isEqualTo(String.valueOf(mode.passes()));
      assertThat(hook.audited(AuditEvent.Outcome.ALLOWED)).isEmpty();
    }
  }

  @Test
  void verifyToken_comparedInTheCatalogue_holdsForRepeatedParametersToo() throws Exception {
    try (Hook hook = Hook.open("meta", Map.of("verify_token", "tok"), o -> o)) {
      String query = "/hook?hub.mode=subscribe&hub.challenge=115&hub.verify_token=tok";
      for (String more :
          new String[] {"&hub.mode=subscribe", "&hub.challenge=115", "&hub.verify_token=tok"}) {
        assertThat(hook.send(unsigned("GET", query + more, "")).status()).isEqualTo(401);
      }
    }
  }
}
