package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditSink;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Records what was decided over the requests of one source. */
final class SourceAudit {
  private final AuditSink sink;
  private final InstantSource clock;
  private final String source;

  SourceAudit(AuditSink sink, InstantSource clock, String source) {
    this.sink = sink;
    this.clock = clock;
    this.source = source;
  }

  /**
   * Records an event, if the sink records such results.
   *
   * @param webhook what names the tenant; null where nothing was verified
   * @param details names, each with its value after it
   */
  void record(
      String action,
      AuditEvent.Outcome result,
      String code,
      @Nullable VerifiedWebhook webhook,
      String... details) {
    if (!sink.records(result)) {
      return;
    }
    AuditEvent.Builder event = event(action, result, code);
    if (webhook != null) {
      event.tenant(webhook.tenant().orElse(null));
    }
    for (int i = 0; i < details.length; i += 2) {
      event.detail(details[i], details[i + 1]);
    }
    record(event);
  }

  /** Begins an event that says more. */
  AuditEvent.Builder event(String action, AuditEvent.Outcome result, String code) {
    return AuditEvent.of(clock.instant(), "webhook", action, result, code).subject(source);
  }

  /** Records it. */
  void record(AuditEvent.Builder event) {
    sink.record(event.build());
  }
}
