package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Tenant;
import dev.gatehouse.webhook.SubscriptionConfirmer;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes verifiers of configured sources. */
final class Verifiers {
  private Verifiers() {}

  /**
   * The verifier of a source.
   *
   * @param keys what fetches its public keys; null if they are configured
   * @throws IllegalArgumentException if a secret or a constant is refused
   */
  static WebhookVerifier build(Source source, InstantSource clock, @Nullable KeySource keys) {
    return builder(source, clock, keys).build();
  }

  /**
   * The verifier of a source as it is served.
   *
   * @param keys what fetches its public keys; null if they are configured
   * @param confirmer gives what confirms subscriptions, if the source has that switched on
   * @throws IllegalArgumentException if a secret or a constant is refused
   */
  static WebhookVerifier build(
      Source source,
      InstantSource clock,
      @Nullable KeySource keys,
      Supplier<SubscriptionConfirmer> confirmer) {
    WebhookVerifier.Builder builder = builder(source, clock, keys);
    if (source.confirmSubscriptions()) {
      builder.dangerouslyConfirmSubscriptions(confirmer.get());
    }
    return builder.build();
  }

  private static WebhookVerifier.Builder builder(
      Source source, InstantSource clock, @Nullable KeySource keys) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(source.scheme())
            .source(source.name())
            .secrets(source.secrets())
            .clock(clock);
    if (keys != null) {
      builder.keySource(keys);
    }
    source.params().forEach(builder::param);
    source
        .replayWindow()
        .filter(window -> source.scheme().signsTime())
        .ifPresent(builder::replayWindow);
    if (source.tenant() instanceof Tenant.Fixed fixed) {
      builder.tenant(fixed.id());
    }
    if (source.tenant() instanceof Tenant.Pointer pointer) {
      builder.tenantPointer(pointer.pointer());
    }
    return builder;
  }

  /**
   * A verifier that shows whether one can be made of a source; it knows no published key.
   *
   * @throws IllegalArgumentException if a secret or a constant is refused
   */
  static WebhookVerifier tried(Source source) {
    boolean fetches = source.published().isPresent();
    KeySource none = fetches ? KeySource.fixed(List.of()) : null;
    return build(source, InstantSource.system(), none);
  }

  /**
   * How long a delivery of a source has to be remembered at least, where no verifier can be made to
   * ask: by the scheme and the replay window alone.
   */
  static Duration minimumRetention(Source source) {
    Scheme scheme = source.scheme();
    Duration window =
        scheme.signsTime()
            ? source.replayWindow().or(scheme::window).orElse(Duration.ZERO)
            : Duration.ZERO;
    Duration both = window.multipliedBy(2);
    Duration retries = scheme.delivery().retrySpan();
    return both.compareTo(retries) > 0 ? both : retries;
  }

  static Source withDedupe(Source s, Duration lifetime) {
    return new Source(
        s.name(),
        s.enabled(),
        s.scheme(),
        s.path(),
        s.tenant(),
        s.owner(),
        s.classification(),
        s.secrets(),
        s.published(),
        s.params(),
        s.publicUrl(),
        s.replayWindow(),
        lifetime,
        s.mode(),
        s.limits(),
        s.maxBodyBytes(),
        s.bodyTimeout(),
        s.ack(),
        s.tellReasons(),
        s.confirmSubscriptions(),
        s.deliver());
  }
}
