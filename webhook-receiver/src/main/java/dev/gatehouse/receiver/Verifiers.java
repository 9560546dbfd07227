package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Tenant;
import dev.gatehouse.webhook.SubscriptionConfirmer;
import dev.gatehouse.webhook.WebhookVerifier;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Supplier;

/** Makes verifiers of configured sources. */
final class Verifiers {
  private Verifiers() {}

  /**
   * The verifier of a source.
   *
   * @throws IllegalArgumentException if a secret or a constant is refused
   */
  static WebhookVerifier build(Source source, InstantSource clock) {
    return builder(source, clock).build();
  }

  /**
   * The verifier of a source as it is served.
   *
   * @param confirmer gives what confirms subscriptions, if the source has that switched on
   * @throws IllegalArgumentException if a secret or a constant is refused
   */
  static WebhookVerifier build(
      Source source, InstantSource clock, Supplier<SubscriptionConfirmer> confirmer) {
    WebhookVerifier.Builder builder = builder(source, clock);
    if (source.confirmSubscriptions()) {
      builder.dangerouslyConfirmSubscriptions(confirmer.get());
    }
    return builder.build();
  }

  private static WebhookVerifier.Builder builder(Source source, InstantSource clock) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(source.scheme())
            .source(source.name())
            .secrets(source.secrets())
            .clock(clock);
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
