package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.FieldPath;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, for one tenant: immutable, and shaped as CloudEvents 1.0 has it (id,
 * source, type, time, subject, data, further attributes).
 *
 * <p>An event without a valid tenant can be made, since a source may send anything; it is delivered
 * to nobody. A tenant that a source names is taken as it is, or not at all: nothing is trimmed,
 * folded or converted.
 *
 * <pre>{@code
 * hub.publish(Event.of(TenantId.of("acme"), "orders.paid", new JsonObject().put("order", "o1")));
 * }</pre>
 */
public final class Event {
  /** The most further attributes. */
  public static final int MAX_ATTRIBUTES = 32;

  /** The most characters of an id, a source, a type, a subject or an attribute's text. */
  public static final int MAX_TEXT = 1_024;

  private static final int OVERHEAD = 256;

  private final String id;
  private final String source;
  private final String type;
  private final Topic topic;
  private final @Nullable TenantId tenant;
  private final @Nullable Instant time;
  private final @Nullable String subject;
  private final EventData data;
  private final Map<String, Object> attributes;
  private final long weight;

  private Event(Builder from) {
    this.topic = from.topic;
    this.id = from.id == null ? UUID.randomUUID().toString() : from.id;
    this.source = from.source;
    this.type = from.type == null ? from.topic.name() : from.type;
    this.tenant = from.tenant;
    this.time = from.time;
    this.subject = from.subject;
    this.data = from.data;
    this.attributes = Collections.unmodifiableMap(new TreeMap<>(from.attributes));
    this.weight = weigh();
  }

  /** An event of that tenant and topic, with JSON data. */
  public static Event of(TenantId tenant, String topic, JsonObject data) {
    return builder(topic).tenant(tenant).data(EventData.json(data)).build();
  }

  /** Begins an event; without a tenant it will be delivered to nobody. */
  public static Builder builder(String topic) {
    return new Builder(Topic.of(topic));
  }

  /** The id that its source gave it, or a random one. */
  public String id() {
    return id;
  }

  /** Where it happened, a URI reference. */
  public String source() {
    return source;
  }

  /** What kind of event it is; the topic's name unless told otherwise. */
  public String type() {
    return type;
  }

  /** What it is about. */
  public Topic topic() {
    return topic;
  }

  /** Whose it is; empty if nobody's. */
  public Optional<TenantId> tenant() {
    return Optional.ofNullable(tenant);
  }

  /** When it happened; the hub gives one without a time the time of its publication. */
  public Optional<Instant> time() {
    return Optional.ofNullable(time);
  }

  /** The thing that it happened to, within the source. */
  public Optional<String> subject() {
    return Optional.ofNullable(subject);
  }

  /** What it carries. */
  public EventData data() {
    return data;
  }

  /** Further attributes: texts, {@link Long}s and {@link Boolean}s; unmodifiable. */
  public Map<String, Object> attributes() {
    return attributes;
  }

  /** Begins an event like this one. */
  public Builder toBuilder() {
    Builder builder = new Builder(topic);
    builder.id = id;
    builder.source = source;
    builder.type = type;
    builder.tenant = tenant;
    builder.time = time;
    builder.subject = subject;
    builder.data = data;
    builder.attributes.putAll(attributes);
    return builder;
  }

  /** The bytes that keeping it takes, about. */
  long weight() {
    return weight;
  }

  /** The value of an attribute, the topic and those of CloudEvents among them. */
  @Nullable Object attribute(String name) {
    return switch (name) {
      case "id" -> id;
      case "source" -> source;
      case "type" -> type;
      case "topic" -> topic.name();
      case "subject" -> subject;
      case "time" -> time == null ? null : time.toString();
      case "datacontenttype" -> data.isEmpty() ? null : data.contentType();
      default -> attributes.get(name);
    };
  }

  private Event(Event other, Instant time) {
    this.id = other.id;
    this.source = other.source;
    this.type = other.type;
    this.topic = other.topic;
    this.tenant = other.tenant;
    this.time = time;
    this.subject = other.subject;
    this.data = other.data;
    this.attributes = other.attributes;
    this.weight = other.weight;
  }

  /** This event, which happened at that time. */
  Event at(Instant moment) {
    return new Event(this, moment);
  }

  private long weigh() {
    long characters = (long) id.length() + source.length() + type.length() + topic.name().length();
    characters += subject == null ? 0 : subject.length();
    characters += data.contentType().length();
    for (Map.Entry<String, Object> each : attributes.entrySet()) {
      characters += each.getKey().length() + String.valueOf(each.getValue()).length();
    }
    return OVERHEAD + data.length() + characters;
  }

  @Override
  public String toString() {
    return "Event[" + topic + (tenant == null ? ", no tenant" : " of " + tenant) + "]";
  }

  /** Collects an event. */
  public static final class Builder {
    private final Topic topic;
    private @Nullable String id;
    private String source = "/";
    private @Nullable String type;
    private @Nullable TenantId tenant;
    private @Nullable Instant time;
    private @Nullable String subject;
    private EventData data = EventData.none();
    private final Map<String, Object> attributes = new TreeMap<>();

    private Builder(Topic topic) {
      this.topic = topic;
    }

    /** Whose event it is. */
    public Builder tenant(TenantId value) {
      this.tenant = value;
      return this;
    }

    /**
     * Whose event it is, as a header, a key or a field of somebody's message says it. Only a text
     * that is a tenant id names a tenant; null, an empty or blank text, a number, a list and
     * anything else leave the event without one.
     */
    public Builder tenantFrom(@Nullable Object claimed) {
      this.tenant =
          claimed instanceof String text && TenantId.isValid(text) ? TenantId.of(text) : null;
      return this;
    }

    /** The id, unique within the source. */
    public Builder id(String value) {
      this.id = requireText("id", value);
      return this;
    }

    /** Where it happened, a URI reference. */
    public Builder source(String value) {
      this.source = requireText("source", value);
      return this;
    }

    /** What kind of event it is. */
    public Builder type(String value) {
      this.type = requireText("type", value);
      return this;
    }

    /** When it happened. */
    public Builder time(Instant value) {
      this.time = value;
      return this;
    }

    /** The thing that it happened to. */
    public Builder subject(String value) {
      this.subject = requireText("subject", value);
      return this;
    }

    /** What it carries. */
    public Builder data(EventData value) {
      this.data = value;
      return this;
    }

    /** A further attribute. */
    public Builder attribute(String name, String value) {
      return put(name, requireText(name, value));
    }

    /** A further attribute. */
    public Builder attribute(String name, long value) {
      return put(name, value);
    }

    /** A further attribute. */
    public Builder attribute(String name, boolean value) {
      return put(name, value);
    }

    private Builder put(String name, Object value) {
      if (!FieldPath.isAttributeName(name) || isContext(name)) {
        throw new IllegalArgumentException(
            "not a further attribute: lower-case letters, digits and '_', and none that an event"
                + " has anyway");
      }
      attributes.put(name, value);
      if (attributes.size() > MAX_ATTRIBUTES) {
        throw new IllegalArgumentException(
            "an event has at most " + MAX_ATTRIBUTES + " further attributes");
      }
      return this;
    }

    private static boolean isContext(String name) {
      return switch (name) {
        case "id",
            "source",
            "type",
            "topic",
            "subject",
            "time",
            "datacontenttype",
            "data_base64",
            "dataschema",
            "specversion" ->
            true;
        default -> false;
      };
    }

    // A line break or a NUL in an attribute would end a field of the stream that it is written to.
    private static String requireText(String name, String value) {
      if (value.isEmpty() || value.length() > MAX_TEXT || value.chars().anyMatch(Builder::breaks)) {
        throw new IllegalArgumentException(
            "the event's "
                + name
                + " must be 1 to "
                + MAX_TEXT
                + " characters without control characters");
      }
      return value;
    }

    private static boolean breaks(int c) {
      return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
    }

    /** The event. */
    public Event build() {
      return new Event(this);
    }
  }
}
