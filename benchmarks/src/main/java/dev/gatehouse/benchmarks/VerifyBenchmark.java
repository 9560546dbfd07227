package dev.gatehouse.benchmarks;

import com.slack.api.app_backend.SlackSignature;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.stripe.exception.SignatureVerificationException;
import com.stripe.net.Webhook;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One verification of an HMAC-SHA256 webhook, from headers and body to the answer, beside the MAC
 * alone and beside the libraries that do the same.
 *
 * <p>Each iteration makes its requests anew, signed at that moment, so that every contender keeps
 * its usual window against the system's clock. Contenders that take the body as text get it as
 * text, decoded beforehand. A contender that refuses fails the run: each one either throws or has
 * its answer checked.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class VerifyBenchmark extends SignedSamples {
  private static final long WINDOW_S = 300;

  // Verifiers are made of a catalogue that is loaded whole, so that whatever that costs is
  // measured.
  private static final Map<String, Scheme> CATALOGUE =
      Schemes.all().stream().collect(Collectors.toUnmodifiableMap(Scheme::name, each -> each));

  private final Mac mac = SignedSample.standardMac();
  private final WebhookVerifier standard =
      verifier(scheme("standard-webhooks"), SignedSample.SECRET);
  private final WebhookVerifier stripe = verifier(scheme("stripe"), SignedSample.TEXT_SECRET);
  private final WebhookVerifier slack = verifier(scheme("slack"), SignedSample.TEXT_SECRET);
  private final HandWritten hand = new HandWritten();
  private final com.standardwebhooks.Webhook standardPeer = standardPeer();
  private final com.svix.Webhook svixPeer = svixPeer();
  private final SlackSignature.Verifier slackPeer =
      new SlackSignature.Verifier(new SlackSignature.Generator(SignedSample.TEXT_SECRET));

  private static Scheme scheme(String name) {
    return Objects.requireNonNull(CATALOGUE.get(name));
  }

  private static com.standardwebhooks.Webhook standardPeer() {
    try {
      return new com.standardwebhooks.Webhook(SignedSample.SECRET);
    } catch (EmptyWebhookSecretException e) {
      throw new IllegalStateException("the secret is not empty", e);
    }
  }

  private static com.svix.Webhook svixPeer() {
    try {
      return new com.svix.Webhook(SignedSample.SECRET);
    } catch (com.svix.exceptions.EmptyWebhookSecretException e) {
      throw new IllegalStateException("the secret is not empty", e);
    }
  }

  /** The floor: nothing but the MAC over the bytes that are signed. */
  @Benchmark
  public byte[] mac() {
    return mac.doFinal(next().signed());
  }

  /** Standard Webhooks, the headers in a list. */
  @Benchmark
  public VerifiedWebhook gatehouse() {
    SignedSample sample = next();
    return verified(standard, sample.standard(), sample.body());
  }

  /** Standard Webhooks, the headers as Vert.x received them. */
  @Benchmark
  public VerifiedWebhook gatehouseVertx() {
    SignedSample sample = next();
    return verified(standard, Headers.of(sample.received()), sample.body());
  }

  /** Stripe's scheme; unlike Stripe's own check of the header it also reads the event's id. */
  @Benchmark
  public VerifiedWebhook gatehouseStripe() {
    SignedSample sample = next();
    return verified(stripe, sample.stripe(), sample.body());
  }

  /** Slack's scheme; unlike Slack's own check it also reads the event's id and type. */
  @Benchmark
  public VerifiedWebhook gatehouseSlack() {
    SignedSample sample = next();
    return verified(slack, sample.slack(), sample.body());
  }

  /**
   * Standard Webhooks by hand: the least that can be done, with nothing that makes it safe to use.
   */
  @Benchmark
  public HandWritten.Delivery byHand() {
    SignedSample sample = next();
    return Objects.requireNonNull(hand.verify(sample.standard(), sample.body()));
  }

  /** standardwebhooks-java. */
  @Benchmark
  public void standardwebhooks() throws WebhookVerificationException {
    SignedSample sample = next();
    standardPeer.verify(sample.text(), sample.standardMap());
  }

  /** svix-java. */
  @Benchmark
  public void svix() throws com.svix.exceptions.WebhookVerificationException {
    SignedSample sample = next();
    svixPeer.verify(sample.text(), sample.svixMap());
  }

  /** stripe-java: the header only, no event is built. */
  @Benchmark
  public void stripeJava() throws SignatureVerificationException {
    SignedSample sample = next();
    check(
        Webhook.Signature.verifyHeader(
            sample.text(), sample.stripeSignature(), SignedSample.TEXT_SECRET, WINDOW_S));
  }

  /** slack-app-backend: the signature only. */
  @Benchmark
  public void slackSdk() {
    SignedSample sample = next();
    check(slackPeer.isValid(sample.slackTime(), sample.text(), sample.slackSignature()));
  }

  private static void check(boolean accepted) {
    if (!accepted) {
      throw new IllegalStateException("refused");
    }
  }
}
