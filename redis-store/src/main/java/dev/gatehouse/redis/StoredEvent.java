package dev.gatehouse.redis;

import static dev.gatehouse.redis.RedisLink.bytes;
import static dev.gatehouse.redis.RedisLink.text;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventData;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An event as the fields of a stream's entry, and back.
 *
 * <p>The topic comes first, for the script that reads looks there. The tenant is in the entry too:
 * what stands under another tenant's key is recognised. A field that this version does not know is
 * passed over.
 */
final class StoredEvent {
  private static final String TOPIC = "topic";
  private static final String TENANT = "tenant";
  private static final String HEAD = "head";
  private static final String DATA = "data";

  private StoredEvent() {}

  static List<byte[]> fields(TenantId tenant, Event event) {
    JsonObject attributes = new JsonObject();
    event.attributes().forEach(attributes::put);
    JsonObject head =
        new JsonObject()
            .put("id", event.id())
            .put("source", event.source())
            .put("type", event.type())
            .put("contentType", event.data().contentType());
    event.time().ifPresent(time -> head.put("time", time.toString()));
    event.subject().ifPresent(subject -> head.put("subject", subject));
    if (!attributes.isEmpty()) {
      head.put("attributes", attributes);
    }
    return List.of(
        bytes(TOPIC),
        bytes(event.topic().name()),
        bytes(TENANT),
        bytes(tenant.value()),
        bytes(HEAD),
        head.toBuffer().getBytes(),
        bytes(DATA),
        event.data().bytes().getBytes());
  }

  /** The bytes that these fields' values take. */
  static long size(List<byte[]> fields) {
    long size = 0;
    for (int i = 1; i < fields.size(); i += 2) {
      size += fields.get(i).length;
    }
    return size;
  }

  /**
   * The event that these fields and values hold.
   *
   * @throws RuntimeException if they hold none
   */
  static Event read(List<?> flat) {
    Map<String, byte[]> fields = new HashMap<>();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      fields.put(text(flat.get(i)), (byte[]) flat.get(i + 1));
    }
    JsonObject head = new JsonObject(Buffer.buffer(field(fields, HEAD)));
    Event.Builder event =
        Event.builder(text(field(fields, TOPIC)))
            .tenantFrom(text(field(fields, TENANT)))
            .id(head.getString("id"))
            .source(head.getString("source"))
            .type(head.getString("type"));
    String time = head.getString("time");
    if (time != null) {
      event.time(Instant.parse(time));
    }
    String subject = head.getString("subject");
    if (subject != null) {
      event.subject(subject);
    }
    head.getJsonObject("attributes", new JsonObject())
        .forEach(each -> attribute(event, each.getKey(), each.getValue()));
    return event.data(data(head.getString("contentType"), field(fields, DATA))).build();
  }

  private static byte[] field(Map<String, byte[]> fields, String name) {
    return Objects.requireNonNull(fields.get(name), name);
  }

  private static EventData data(String contentType, byte[] bytes) {
    boolean none = contentType.isEmpty() && bytes.length == 0;
    return none ? EventData.none() : EventData.of(contentType, Buffer.buffer(bytes));
  }

  private static void attribute(Event.Builder event, String name, Object value) {
    if (value instanceof String text) {
      event.attribute(name, text);
    } else if (value instanceof Boolean flag) {
      event.attribute(name, flag);
    } else {
      event.attribute(name, ((Number) value).longValue());
    }
  }
}
