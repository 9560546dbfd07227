package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import dev.gatehouse.events.filter.FieldPath;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of some topics before any event: what they are for, how their data looks, who may
 * subscribe, what is hidden from whom, and what happens to slow readers. Immutable.
 *
 * <pre>{@code
 * TopicDeclaration.of("orders.*")
 *     .title("What happens to orders")
 *     .scopes("order:read")
 *     .hiddenWithout("data.customer.email", "customer:pii")
 *     .build();
 * }</pre>
 */
public final class TopicDeclaration {
  private record Key(Topic topic, Object value) {}

  private final Builder values;

  private TopicDeclaration(Builder values) {
    this.values = values;
  }

  /**
   * Begins the declaration of these topics. Where several have a topic, the most specific counts.
   */
  public static Builder of(String topics) {
    return new Builder(TopicPattern.of(topics));
  }

  /** The topics. */
  public TopicPattern topics() {
    return values.topics;
  }

  /** What they are for, in a few words. */
  public String title() {
    return values.title;
  }

  /** The same at more length. */
  public String description() {
    return values.description;
  }

  /** A JSON Schema of the data, if there is one; a copy. */
  public Optional<JsonObject> schema() {
    return Optional.ofNullable(values.schema).map(JsonObject::copy);
  }

  /** The scopes of which a subscriber needs all; unmodifiable. */
  public Set<String> scopes() {
    return Collections.unmodifiableSet(values.scopes);
  }

  /** The fields that are hidden, each with the scope that shows it; unmodifiable. */
  public Map<String, String> hiddenWithout() {
    return Collections.unmodifiableMap(values.hidden);
  }

  /** What happens when a subscriber's queue is full. */
  public Overflow overflow() {
    return values.overflow;
  }

  /** Whether each delivery and denial is recorded by the audit, and not only counted. */
  public boolean isAudited() {
    return values.audited;
  }

  /** Whether the principal has the scopes. */
  boolean admits(Principal principal) {
    return principal.scopes().containsAll(values.scopes);
  }

  Mask maskFor(Principal principal) {
    Set<String> fields = new LinkedHashSet<>();
    values.hidden.forEach(
        (field, scope) -> {
          if (!principal.scopes().contains(scope)) {
            fields.add(field);
          }
        });
    return Mask.hiding(fields);
  }

  /** What the latest is kept of; null where each event counts. */
  @Nullable Object keyOf(EventView view) {
    if (values.key == null) {
      return null;
    }
    Object value = view.value(values.key);
    return value == null ? null : new Key(view.topic(), value);
  }

  @Override
  public String toString() {
    return "TopicDeclaration[" + values.topics + "]";
  }

  /** Collects a declaration. */
  public static final class Builder {
    private final TopicPattern topics;
    private String title = "";
    private String description = "";
    private @Nullable JsonObject schema;
    private final Set<String> scopes = new LinkedHashSet<>();
    private final Map<String, String> hidden = new TreeMap<>();
    private Overflow overflow = Overflow.DISCONNECT;
    private @Nullable FieldPath key;
    private boolean audited;

    private Builder(TopicPattern topics) {
      this.topics = topics;
    }

    private Builder(Builder other) {
      this.topics = other.topics;
      this.title = other.title;
      this.description = other.description;
      this.schema = other.schema == null ? null : other.schema.copy();
      this.scopes.addAll(other.scopes);
      this.hidden.putAll(other.hidden);
      this.overflow = other.overflow;
      this.key = other.key;
      this.audited = other.audited;
    }

    /** What the topics are for, in a few words. */
    public Builder title(String value) {
      this.title = value;
      return this;
    }

    /** The same at more length. */
    public Builder description(String value) {
      this.description = value;
      return this;
    }

    /** A JSON Schema of the data, for the document; events are not held against it. */
    public Builder schema(JsonObject value) {
      this.schema = value.copy();
      return this;
    }

    /** The scopes of which a subscriber needs all. */
    public Builder scopes(String... needed) {
      this.scopes.addAll(Arrays.asList(needed));
      return this;
    }

    /** Hides a field from whoever has not this scope. */
    public Builder hiddenWithout(String field, String scope) {
      Mask.hiding(field);
      this.hidden.put(field, scope);
      return this;
    }

    /** A slow subscriber loses the oldest events, and is told. */
    public Builder dropOldest() {
      this.overflow = Overflow.DROP_OLDEST;
      return this;
    }

    /**
     * Of the events with the same value at this field only the latest waits for a subscriber; one
     * without a value waits by itself.
     */
    public Builder latestPer(String field) {
      this.overflow = Overflow.LATEST_PER_KEY;
      this.key = FieldPath.of(field);
      return this;
    }

    /** Records each delivery and each denial in the audit. */
    public Builder audited() {
      this.audited = true;
      return this;
    }

    /** The declaration. */
    public TopicDeclaration build() {
      return new TopicDeclaration(new Builder(this));
    }
  }
}
