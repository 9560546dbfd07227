package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Quarantine;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import dev.gatehouse.webhook.UnverifiedWebhook;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a source rejected. Nobody vouches for it: nothing in it names it, claims it, or says
 * whose it is.
 */
final class QuarantineDesk implements Consumer<UnverifiedWebhook> {
  private static final Logger LOG = LoggerFactory.getLogger(QuarantineDesk.class);

  private final Source source;
  private final Quarantine bounds;
  private final KeptHeaders kept;
  private final Inbox inbox;
  private final InstantSource clock;

  QuarantineDesk(Source source, Quarantine bounds, Inbox inbox, InstantSource clock) {
    this.source = source;
    this.bounds = bounds;
    this.kept = KeptHeaders.of(source.scheme());
    this.inbox = inbox;
    this.clock = clock;
  }

  @Override
  public void accept(UnverifiedWebhook rejected) {
    inbox
        .quarantine(incoming(rejected), bounds)
        .onFailure(
            // evidence is worth no delivery: what the store has no room for is not kept
            failure -> LOG.debug("a rejected request of {} was not kept", source.name()));
  }

  private Incoming incoming(UnverifiedWebhook rejected) {
    byte[] body = rejected.body().getBytes();
    byte[] digest = InboxHandler.observedDigest(body);
    Instant now = clock.instant();
    return new Incoming(
        ClaimKey.of("", source.name(), digest),
        Fingerprint.of(digest),
        source.name(),
        null,
        source.scheme().name(),
        null,
        null,
        null,
        rejected.method(),
        rejected.headers().first("content-type"),
        kept.toJson(rejected.headers()),
        body,
        now,
        null,
        rejected.reason().code(),
        now,
        false,
        null);
  }
}
