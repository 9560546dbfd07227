package dev.gatehouse.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * The frames of an event stream (HTML, server-sent events, §9.2.6), in which nothing that an event
 * holds can begin a field of its own.
 *
 * <p>An event is a message without a name, so that none can pass for {@code gap} or {@code end},
 * and holds the event in CloudEvents' JSON format. Every CR, LF and CRLF within begins another
 * {@code data} line; NUL, which readers drop or refuse, occurs nowhere.
 */
final class SseFrames {
  /** The encoder; the one instance, so that each view is encoded once. */
  static final EventView.Encoder ENCODER = SseFrames::message;

  /** From this size on, a frame lies outside the heap, and all connections send the same bytes. */
  static final int SHARED = 4 << 10;

  static final Buffer COMMENT = Buffer.buffer(":\n");

  private static final String JSON_FIELD = "data: ";
  private static final JsonFactory JSON = new JsonFactory();

  private SseFrames() {}

  private static Buffer message(EventView view) {
    return shareable(data(cloudEvent(view)).append('\n').toString());
  }

  // Netty copies what lies on the heap once for each connection that has to wait: 10,000 copies of
  // a large event.
  private static Buffer shareable(String frame) {
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < SHARED) {
      return Buffer.buffer(bytes);
    }
    ByteBuffer outside = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    return BufferInternal.buffer(Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(outside)));
  }

  /** The place to resume from; complete with what follows it. */
  static String id(String cursor) {
    return "id: " + cursor + "\n";
  }

  /** What a stream begins with; with its cursor, it can be resumed before its first event. */
  static String opening(long retryMillis, String cursor) {
    String id = cursor.isEmpty() ? "" : id(cursor);
    return "retry: " + retryMillis + "\n" + id + "\n";
  }

  static String gap(Delivery.Gap gap) {
    String missed = gap.missed() < 0 ? "" : ",\"missed\":" + gap.missed();
    return id(gap.cursor())
        + "event: gap\ndata: {\"reason\":\""
        + codeOf(gap.reason())
        + "\""
        + missed
        + "}\n\n";
  }

  static String codeOf(Delivery.GapReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  static String end(EndReason reason, long retryMillis) {
    return "retry: "
        + retryMillis
        + "\nevent: end\ndata: {\"reason\":\""
        + reason.code()
        + "\"}\n\n";
  }

  /** The text as {@code data} lines. */
  static StringBuilder data(String text) {
    StringBuilder lines = new StringBuilder(text.length() + 16).append(JSON_FIELD);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
      if (pair) {
        continue;
      }
      if (c == '\r' || c == '\n') {
        lines.append('\n').append(JSON_FIELD);
      } else if (c != 0) {
        lines.append(c);
      }
    }
    return lines.append('\n');
  }

  private static String cloudEvent(EventView view) {
    StringWriter text = new StringWriter(256 + view.data().length());
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      out.writeStringField("specversion", "1.0");
      out.writeStringField("id", view.id());
      out.writeStringField("source", view.source());
      out.writeStringField("type", view.type());
      out.writeStringField("topic", view.topic().name());
      if (view.time().isPresent()) {
        out.writeStringField("time", view.time().get().toString());
      }
      if (view.subject().isPresent()) {
        out.writeStringField("subject", view.subject().get());
      }
      for (Map.Entry<String, Object> each : view.attributes().entrySet()) {
        out.writeFieldName(each.getKey());
        out.writeObject(each.getValue());
      }
      payload(view.data(), out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot be written to", e);
    }
    return text.toString();
  }

  private static void payload(EventData data, JsonGenerator out) throws IOException {
    if (data.isEmpty()) {
      return;
    }
    out.writeStringField("datacontenttype", data.contentType());
    String text = textOf(data);
    if (text.isEmpty()) {
      out.writeFieldName("data_base64");
      out.writeBinary(data.bytes().getBytes());
    } else if (data.isJson()) {
      out.writeFieldName("data");
      out.writeRawValue(text);
    } else {
      out.writeStringField("data", text);
    }
  }

  // As it stands only what is one JSON document in UTF-8: anything else could close the object that
  // it is written into. JSON in UTF-16 would be read by a parser, and is full of NUL.
  private static String textOf(EventData data) {
    boolean writable = data.isJson() ? data.isReadable() : data.contentType().startsWith("text/");
    if (!writable) {
      return "";
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(data.bytes().getBytes()))
              .toString();
      boolean plain = text.indexOf('\0') < 0 && text.indexOf('\uFEFF') != 0;
      return plain ? text : "";
    } catch (CharacterCodingException e) {
      return "";
    }
  }
}
