package dev.gatehouse.webhook;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.TenantId;
import org.jspecify.annotations.Nullable;

/** What a kill switch has stopped of one source: all of it, a tenant's deliveries, or a key. */
final class SourceStops {
  private final @Nullable KillSwitch killSwitch;
  private final WebhookVerifier verifier;

  /**
   * The stops of a verifier's source.
   *
   * @param killSwitch null if nothing is ever stopped
   */
  SourceStops(@Nullable KillSwitch killSwitch, WebhookVerifier verifier) {
    this.killSwitch = killSwitch;
    this.verifier = verifier;
  }

  /** Whether the source is stopped, or the one tenant to which it belongs. */
  boolean all() {
    return killSwitch != null
        && (isStopped(KillSwitch.Kind.SOURCE, verifier.source())
            || verifier.tenant().filter(this::isStopped).isPresent());
  }

  /** Whether the tenant is stopped that a delivery names. */
  boolean tenantOf(VerifiedWebhook webhook) {
    return killSwitch != null && webhook.tenant().filter(this::isStopped).isPresent();
  }

  /** Whether a key is stopped, by its id alone or by that of this source. */
  boolean key(String id) {
    return killSwitch != null
        && (isStopped(KillSwitch.Kind.KEY, id)
            || isStopped(KillSwitch.Kind.KEY, verifier.source() + "/" + id));
  }

  private boolean isStopped(TenantId tenant) {
    return isStopped(KillSwitch.Kind.TENANT, tenant.value());
  }

  private boolean isStopped(KillSwitch.Kind kind, String name) {
    return killSwitch != null && killSwitch.stops(kind, name);
  }
}
