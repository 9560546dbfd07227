package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Scheme;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Checks a scheme against the vectors that it carries. */
public final class SchemeVectors {
  private SchemeVectors() {}

  /**
   * The vectors whose verdict is not the expected one, a line each; empty if all are right.
   *
   * @param scheme the scheme
   */
  public static List<String> failures(Scheme scheme) {
    List<String> failures = new ArrayList<>();
    for (Scheme.Vector vector : scheme.vectors()) {
      String actual = verdict(scheme, vector);
      String expected =
          vector.reason().isEmpty() ? vector.outcome() : vector.outcome() + " " + vector.reason();
      if (!actual.equals(expected)) {
        failures.add(
            "vector '" + vector.name() + "': expected " + expected + ", but was " + actual);
      }
    }
    return failures;
  }

  private static String verdict(Scheme scheme, Scheme.Vector vector) {
    Secret[] secrets = new Secret[vector.secrets().size()];
    for (int i = 0; i < secrets.length; i++) {
      secrets[i] = Secret.of(Integer.toString(i), vector.secrets().get(i));
    }
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme).secrets(SecretSource.of(secrets));
    if (!vector.now().isEmpty()) {
      builder.clock(InstantSource.fixed(time(vector.now())));
    }
    vector.params().forEach(builder::param);
    List<Header> headers = new ArrayList<>();
    vector.headers().forEach((name, value) -> headers.add(new Header(name, value)));
    Verification outcome =
        builder
            .build()
            .verify(
                WebhookRequest.of(
                    vector.method(),
                    vector.url(),
                    Headers.of(headers),
                    vector.body().getBytes(StandardCharsets.UTF_8)));
    if (outcome instanceof Verification.Rejected rejected) {
      return "rejected " + rejected.reason().code();
    }
    return outcome instanceof Verification.Handshake ? "handshake" : "verified";
  }

  private static Instant time(String now) {
    return now.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Instant.ofEpochSecond(Long.parseLong(now))
        : Instant.parse(now);
  }
}
