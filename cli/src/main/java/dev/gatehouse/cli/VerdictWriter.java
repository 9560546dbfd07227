package dev.gatehouse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gatehouse.webhook.Attested;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookRequest.Header;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Writes verdicts, a line of JSON each. */
final class VerdictWriter {
  private final JsonGenerator json;

  VerdictWriter(OutputStream out) throws IOException {
    json = new JsonFactory().createGenerator(out);
    json.setRootValueSeparator(null);
    json.setCharacterEscapes(new Escapes());
    json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
  }

  void write(@Nullable String id, Verification verdict) throws IOException {
    json.writeStartObject();
    json.writeStringField("case", id);
    if (verdict instanceof Verification.Verified verified) {
      verified(verified.webhook());
    } else if (verdict instanceof Verification.Rejected rejected) {
      outcome("rejected", rejected.reason().code());
      nothing();
    } else if (verdict instanceof Verification.Handshake handshake) {
      outcome("handshake", null);
      nothing();
      response(handshake);
    }
    end();
  }

  void writeError(@Nullable String id, String message) throws IOException {
    json.writeStartObject();
    json.writeStringField("case", id);
    json.writeStringField("outcome", "error");
    json.writeStringField("message", message);
    end();
  }

  private void outcome(String outcome, @Nullable String reason) throws IOException {
    json.writeStringField("outcome", outcome);
    json.writeStringField("reason", reason);
  }

  private void verified(VerifiedWebhook webhook) throws IOException {
    outcome("verified", null);
    json.writeNumberField("key", webhook.keyIndex());
    json.writeStringField("delivery_id", webhook.deliveryId().map(Attested::value).orElse(null));
    json.writeStringField("event_type", webhook.eventType().map(Attested::value).orElse(null));
    if (webhook.timestamp().isPresent()) {
      json.writeNumberField("timestamp", webhook.timestamp().get().getEpochSecond());
    } else {
      json.writeNullField("timestamp");
    }
  }

  private void nothing() throws IOException {
    json.writeNullField("key");
    json.writeNullField("delivery_id");
    json.writeNullField("event_type");
    json.writeNullField("timestamp");
  }

  private void response(Verification.Handshake handshake) throws IOException {
    json.writeObjectFieldStart("response");
    json.writeNumberField("status", handshake.status());
    json.writeObjectFieldStart("headers");
    for (Header header : handshake.headers()) {
      json.writeStringField(header.name(), header.value());
    }
    json.writeEndObject();
    json.writeStringField("body", handshake.body());
    json.writeEndObject();
  }

  private void end() throws IOException {
    json.writeEndObject();
    json.writeRaw('\n');
  }

  /** Hands what was written so far to the stream, which is not flushed. */
  void flush() throws IOException {
    json.flush();
  }
}
