package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The short way says yes only where the long way does, and then the same. */
class ShortcutTest {
  private static final int ROUNDS = 400;
  private static final String OTHER = "another-key-than-that-which-signed-it";

  private final Random random = new Random(20_261_128);

  @Test
  void requests_ofAllSchemesChangedAtRandom_areAcceptedByTheShortWayOnlyAsByTheLongOne() {
    Set<String> usual = new TreeSet<>();
    int accepted = 0;
    int changedAndAccepted = 0;
    for (Scheme scheme : Schemes.all()) {
      for (Scheme.Vector vector : scheme.vectors()) {
        for (WebhookVerifier verifier : verifiers(scheme, vector)) {
          for (int round = 0; round < ROUNDS; round++) {
            WebhookRequest request = changed(vector, round == 0 ? 0 : random.nextInt(4));
            if (isAcceptedByBothAlike(verifier, request)) {
              usual.add(scheme.name());
              accepted++;
              changedAndAccepted += round == 0 ? 0 : 1;
            } else if (round == 0) {
              break;
            }
          }
        }
      }
    }
    assertThat(usual).contains("standard-webhooks", "shopify").hasSizeGreaterThan(25);
    assertThat(accepted).isGreaterThan(5_000);
    assertThat(changedAndAccepted).isGreaterThan(5_000);
  }

  private static boolean isAcceptedByBothAlike(WebhookVerifier verifier, WebhookRequest request) {
    if (!(verifier.usual(request) instanceof Verification.Verified quick)) {
      return false;
    }
    Verification judged = verifier.verify(request, request.headers());
    assertThat(judged).as(verifier.source()).isInstanceOf(Verification.Verified.class);
    VerifiedWebhook one = quick.webhook();
    VerifiedWebhook other = ((Verification.Verified) judged).webhook();
    assertThat(one.matched()).isEqualTo(other.matched());
    assertThat(one.deliveryId()).isEqualTo(other.deliveryId());
    assertThat(one.keyIndex()).isEqualTo(other.keyIndex());
    assertThat(one.keyId()).isEqualTo(other.keyId());
    assertThat(one.timestamp()).isEqualTo(other.timestamp());
    assertThat(one.tenant()).isEqualTo(other.tenant());
    assertThat(one.body()).isEqualTo(other.body());
    if (!verifier.scheme().equalBodies()) {
      assertThat(one.claimKey()).isEqualTo(other.claimKey());
    }
    assertThat(one.fingerprint()).isEqualTo(other.fingerprint());
    return true;
  }

  // With its keys, with another before them, and with its own past their time.
  private static List<WebhookVerifier> verifiers(Scheme scheme, Scheme.Vector vector) {
    Instant now = vector.now().isEmpty() ? Requests.NOW : time(vector.now());
    List<Secret> own = new ArrayList<>();
    List<Secret> past = new ArrayList<>();
    for (int i = 0; i < vector.secrets().size(); i++) {
      Secret secret = Secret.of("own-" + i, vector.secrets().get(i));
      own.add(secret);
      past.add(secret.validBetween(null, now));
    }
    List<WebhookVerifier> verifiers = new ArrayList<>();
    verifiers.add(verifier(scheme, vector, now, own));
    verifiers.add(verifier(scheme, vector, now, past));
    if (!own.isEmpty() && !vector.secrets().get(0).startsWith("whsec_")) {
      try {
        List<Secret> both = new ArrayList<>();
        both.add(Secret.of("other", OTHER));
        both.addAll(own);
        verifiers.add(verifier(scheme, vector, now, both));
      } catch (IllegalArgumentException notAKeyOfThisScheme) {
        return verifiers;
      }
    }
    return verifiers;
  }

  private static WebhookVerifier verifier(
      Scheme scheme, Scheme.Vector vector, Instant now, List<Secret> secrets) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme)
            .secrets(SecretSource.of(secrets.toArray(Secret[]::new)))
            .clock(InstantSource.fixed(now));
    vector.params().forEach(builder::param);
    return builder.build();
  }

  private static Instant time(String now) {
    return now.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Instant.ofEpochSecond(Long.parseLong(now))
        : Instant.parse(now);
  }

  private WebhookRequest changed(Scheme.Vector vector, int changes) {
    List<Header> headers = new ArrayList<>();
    vector.headers().forEach((name, value) -> headers.add(new Header(name, value)));
    byte[] body = vector.body().getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < changes; i++) {
      if (random.nextInt(8) == 0) {
        body = changed(body);
      } else if (!headers.isEmpty()) {
        changeOne(headers);
      }
    }
    return WebhookRequest.of(vector.method(), vector.url(), Headers.of(headers), body);
  }

  private byte[] changed(byte[] body) {
    if (body.length == 0 || random.nextInt(3) == 0) {
      return new byte[random.nextInt(20_000)];
    }
    byte[] other = body.clone();
    other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
    return other;
  }

  private void changeOne(List<Header> headers) {
    int at = random.nextInt(headers.size());
    Header header = headers.get(at);
    String name = header.name();
    String value = header.value();
    switch (random.nextInt(16)) {
      case 0 -> headers.set(at, new Header(name.toUpperCase(Locale.ROOT), value));
      case 1 -> headers.add(new Header(name, value));
      case 2 -> headers.add(new Header(name.toLowerCase(Locale.ROOT), value + "x"));
      case 3 -> headers.remove(at);
      case 4 -> headers.add(0, new Header("Content-Encoding", "identity"));
      case 5 -> headers.add(new Header("content-encoding", "gzip"));
      case 6 -> headers.set(at, new Header(name, value + " " + value));
      case 7 -> headers.set(at, new Header(name, value + "," + value));
      case 8 -> headers.set(at, new Header(name, " " + value));
      case 9 -> headers.set(at, new Header(name, value + "="));
      case 10 -> headers.set(at, new Header(name, value.toUpperCase(Locale.ROOT)));
      case 11 -> headers.set(at, new Header(name, ""));
      case 12 -> headers.set(at, new Header(name, withAnyCharacter(value)));
      case 13 -> headers.add(new Header("X-Other-" + random.nextInt(99), value));
      case 14 -> headers.add(0, headers.remove(at));
      default -> headers.set(at, new Header(name, value.substring(0, value.length() / 2)));
    }
  }

  private String withAnyCharacter(String value) {
    if (value.isEmpty()) {
      return "a";
    }
    int at = random.nextInt(value.length());
    // the last of these differs from what stood there only in bits that Latin-1 has not
    char any =
        switch (random.nextInt(4)) {
          case 0 -> (char) random.nextInt(128);
          case 1 -> (char) random.nextInt(65_536);
          case 2 -> '.';
          default -> (char) (value.charAt(at) + 256);
        };
    return value.substring(0, at) + any + value.substring(at + 1);
  }

  @ParameterizedTest
  @CsvSource({"0,true", "300,true", "301,false", "-300,true", "-301,false"})
  void time_atTheEdgeOfTheWindow_isTakenByTheShortWayAsByTheLongOne(long age, boolean taken) {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(Requests.secrets(Requests.WHSEC))
            .clock(InstantSource.fixed(Requests.NOW.plus(Duration.ofSeconds(age))))
            .build();
    WebhookRequest request =
        WebhookRequest.post(
            "", Headers.of(Requests.signed("standard-webhooks", Requests.WHSEC)), Requests.BODY);

    assertThat(verifier.usual(request) != null).isEqualTo(taken);
    assertThat(verifier.verify(request) instanceof Verification.Verified).isEqualTo(taken);
  }

  @Test
  void time_inTheMiddleOfASecond_isTakenAsBySecondsAlone() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(Requests.secrets(Requests.WHSEC))
            .clock(InstantSource.fixed(Requests.NOW.plusMillis(300_999)))
            .build();

    assertThat(
            verifier.usual(
                WebhookRequest.post(
                    "",
                    Headers.of(Requests.signed("standard-webhooks", Requests.WHSEC)),
                    Requests.BODY)))
        .isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"v1,true", "'v1,v2',false", "' v1',false", "v=1,false"})
  void label_thatAConstantMade_isTakenOnlyIfItIsOneLabel(String label, boolean taken) {
    Scheme scheme =
        Schemes.parse(
            """
            name: labelled
            title: A label of one's own
            body: any
            signature:
              in: header:X-Sig
              grammar: entries
              separator: ","
              assign: "="
              malformed: skip
              accept:
                - { label: "{param.v}", algorithm: hmac-sha256, encoding: hex, key: { form: text } }
            content: "{body}"
            params:
              v: { description: "the label", required: true, secret: false }
            """);
    WebhookVerifier verifier =
        WebhookVerifier.builder(scheme)
            .secrets(Requests.secrets("a-secret-of-some-length"))
            .param("v", label)
            .build();
    Hmac hmac = Hmac.of("HmacSHA256", "a-secret-of-some-length".getBytes(StandardCharsets.UTF_8));
    byte[] body = Requests.BODY.getBytes(StandardCharsets.UTF_8);
    hmac.update(body, 0, body.length);
    String mac = HexFormat.of().formatHex(hmac.finish());
    WebhookRequest request =
        WebhookRequest.post("", Headers.of("X-Sig", label + "=" + mac), Requests.BODY);

    assertThat(verifier.usual(request) != null).isEqualTo(taken);
    assertThat(isAcceptedByBothAlike(verifier, request)).isEqualTo(taken);
  }

  @Test
  void body_thatIsLong_isLeftToTheLongWay() {
    byte[] body = new byte[16 * 1024 + 1];
    List<Header> headers = Requests.sign("standard-webhooks", Requests.WHSEC, "", "msg_1", body);
    WebhookVerifier verifier = Requests.verifier("standard-webhooks", Requests.WHSEC);
    WebhookRequest request = WebhookRequest.of("POST", "", Headers.of(headers), body);

    assertThat(verifier.usual(request)).isNull();
    assertThat(verifier.verify(request)).isInstanceOf(Verification.Verified.class);
  }
}
