package dev.gatehouse.benchmarks;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Instant;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Requests that are signed anew for each iteration, in turn. */
@State(Scope.Thread)
public class SignedSamples {
  private static final int SAMPLES = 8;

  /** The body's length in bytes. */
  @Param({"1024", "65536"})
  public int size;

  private final SignedSample[] samples = new SignedSample[SAMPLES];
  private int turn;

  /** New requests, signed now. */
  @Setup(Level.Iteration)
  public void sign() {
    long now = Instant.now().getEpochSecond();
    for (int i = 0; i < SAMPLES; i++) {
      samples[i] = SignedSample.of(size, (int) (now % 1000) * SAMPLES + i, now);
    }
  }

  final SignedSample next() {
    return samples[turn++ & (SAMPLES - 1)];
  }

  static WebhookVerifier verifier(Scheme scheme, String secret) {
    return WebhookVerifier.builder(scheme)
        .secrets(SecretSource.of(Secret.of("benchmark", secret)))
        .build();
  }

  static VerifiedWebhook verified(WebhookVerifier verifier, Headers headers, byte[] body) {
    Verification outcome = verifier.verify(WebhookRequest.of("POST", "", headers, body));
    if (outcome instanceof Verification.Verified verified) {
      return verified.webhook();
    }
    throw new IllegalStateException("refused: " + outcome);
  }
}
