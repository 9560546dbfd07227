package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Signed requests to take apart, under one secret and one time. */
final class Requests {
  static final Instant NOW = Instant.ofEpochSecond(1_767_225_600);
  static final String WHSEC = "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=";
  static final String BODY = "{\"id\":\"evt_1\",\"type\":\"invoice.paid\"}";

  private Requests() {}

  static WebhookVerifier verifier(String scheme, String... secrets) {
    return verifierAt(NOW, Schemes.named(scheme), secrets);
  }

  static WebhookVerifier verifierAt(Instant now, Scheme scheme, String... secrets) {
    return WebhookVerifier.builder(scheme)
        .secrets(secrets(secrets))
        .clock(InstantSource.fixed(now))
        .build();
  }

  static SecretSource secrets(String... texts) {
    Secret[] secrets = new Secret[texts.length];
    for (int i = 0; i < texts.length; i++) {
      secrets[i] = Secret.of("key-" + i, texts[i]);
    }
    return SecretSource.of(secrets);
  }

  static List<Header> sign(String scheme, String secret, String url, String id, byte[] body) {
    return WebhookSigner.create(Schemes.named(scheme), List.of(Secret.of("own", secret)), Map.of())
        .sign(new Outgoing("POST", url, Headers.of(), body, id, NOW));
  }

  static List<Header> signed(String scheme, String secret) {
    return sign(scheme, secret, "", "msg_1", BODY.getBytes(StandardCharsets.UTF_8));
  }

  /** The headers with one of them given another value; null removes it. */
  static List<Header> with(List<Header> headers, String name, String value) {
    List<Header> changed = new ArrayList<>();
    for (Header header : headers) {
      if (!header.name().equalsIgnoreCase(name)) {
        changed.add(header);
      }
    }
    if (value != null) {
      changed.add(new Header(name, value));
    }
    return changed;
  }

  static List<Header> and(List<Header> headers, String name, String value) {
    List<Header> more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return more;
  }

  static String value(List<Header> headers, String name) {
    return headers.stream()
        .filter(h -> h.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow()
        .value();
  }

  static String verdict(WebhookVerifier verifier, List<Header> headers, String body) {
    return verdict(verifier.verify(WebhookRequest.post("", Headers.of(headers), body)));
  }

  static String verdict(Verification outcome) {
    if (outcome instanceof Verification.Rejected rejected) {
      return rejected.reason().code();
    }
    return outcome instanceof Verification.Handshake ? "handshake" : "verified";
  }

  static VerifiedWebhook verified(WebhookVerifier verifier, List<Header> headers, String body) {
    return ((Verification.Verified)
            verifier.verify(WebhookRequest.post("", Headers.of(headers), body)))
        .webhook();
  }
}
