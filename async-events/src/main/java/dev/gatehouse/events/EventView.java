package dev.gatehouse.events;

import dev.gatehouse.core.Derived;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.FieldPath;
import dev.gatehouse.events.filter.Fields;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An event as a principal may see it: what is masked is not in it.
 *
 * <p>Subscribers with equal masks share one view, and a view is encoded once for each {@link
 * Encoder}. Immutable and safe for any thread.
 */
public final class EventView implements Fields {
  /**
   * Turns a view into the bytes of a transport; the instance is the key under which they are kept.
   */
  @FunctionalInterface
  public interface Encoder {
    /** The bytes; a function of the view alone. */
    Buffer encode(EventView view);
  }

  private record Encoded(Encoder encoder, Buffer bytes, @Nullable Encoded next) {}

  private final Event event;
  private final Mask mask;
  private final EventData data;
  private volatile @Nullable Encoded encoded;
  private volatile @Nullable Derived<EventView> derived;

  private EventView(Event event, Mask mask, EventData data) {
    this.event = event;
    this.mask = mask;
    this.data = data;
  }

  /** The view; null if what is hidden cannot be taken out of the event's data. */
  static @Nullable EventView of(Event event, Mask mask) {
    EventData visible = mask.over(event.data());
    return visible == null ? null : new EventView(event, mask, visible);
  }

  /** The id that its source gave it. */
  public String id() {
    return event.id();
  }

  /** Where it happened. */
  public String source() {
    return event.source();
  }

  /** What kind of event it is. */
  public String type() {
    return event.type();
  }

  /** What it is about. */
  public Topic topic() {
    return event.topic();
  }

  /** The subscriber's own tenant. */
  public TenantId tenant() {
    return event.tenant().orElseThrow();
  }

  /** When it happened, or was published. */
  public Optional<Instant> time() {
    return event.time();
  }

  /** The thing that it happened to, if that may be seen. */
  public Optional<String> subject() {
    return mask.hides("subject") ? Optional.empty() : event.subject();
  }

  /** What it carries, without what is masked. */
  public EventData data() {
    return data;
  }

  /** Further attributes that may be seen; unmodifiable. */
  public Map<String, Object> attributes() {
    if (event.attributes().keySet().stream().noneMatch(mask::hides)) {
      return event.attributes();
    }
    Map<String, Object> visible = new TreeMap<>(event.attributes());
    visible.keySet().removeIf(mask::hides);
    return Collections.unmodifiableMap(visible);
  }

  /** This view in the encoder's bytes; made once. Copy before writing to it. */
  public Buffer encoded(Encoder encoder) {
    Buffer known = kept(encoder);
    return known == null ? encode(encoder) : known;
  }

  private synchronized Buffer encode(Encoder encoder) {
    Buffer known = kept(encoder);
    if (known != null) {
      return known;
    }
    Buffer bytes = encoder.encode(this);
    encoded = new Encoded(encoder, bytes, encoded);
    return bytes;
  }

  private @Nullable Buffer kept(Encoder encoder) {
    for (Encoded each = encoded; each != null; each = each.next()) {
      if (each.encoder() == encoder) {
        return each.bytes();
      }
    }
    return null;
  }

  /**
   * What the maker makes of this view, of nothing but the view: once for all subscribers that share
   * it, and again only where it was not in use when memory was collected. It must be safe to share
   * between them and their threads.
   *
   * @param maker known by its instance: keep it in a field, for what is made by more than {@value
   *     dev.gatehouse.core.Derived#MOST} of them is made each time
   */
  public <T> T once(Function<? super EventView, ? extends T> maker) {
    return derived().by(maker);
  }

  // most views of most events are never asked for it
  private Derived<EventView> derived() {
    Derived<EventView> known = derived;
    return known == null ? firstDerived() : known;
  }

  private synchronized Derived<EventView> firstDerived() {
    Derived<EventView> known = derived;
    if (known == null) {
      known = new Derived<>(this);
      derived = known;
    }
    return known;
  }

  @Override
  public @Nullable Object value(FieldPath path) {
    if (path.isData()) {
      return memberOf(data, path);
    }
    return mask.hides(path.text()) ? null : event.attribute(path.text());
  }

  static @Nullable Object memberOf(EventData data, FieldPath path) {
    Object at = data.object();
    for (int i = 0; i < path.length(); i++) {
      if (!(at instanceof Map<?, ?> map)) {
        return null;
      }
      at = map.get(path.segment(i));
    }
    // What is sent keeps its digits; what is compared is a double.
    if (at instanceof BigDecimal decimal) {
      return decimal.doubleValue();
    }
    return at instanceof String || at instanceof Number || at instanceof Boolean ? at : null;
  }

  Event event() {
    return event;
  }

  @Override
  public String toString() {
    return "EventView[" + event.topic() + "]";
  }
}
