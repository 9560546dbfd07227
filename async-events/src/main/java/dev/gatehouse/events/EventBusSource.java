package dev.gatehouse.events;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages of the Vert.x event bus as events: those of the addresses that are named, of the
 * tenant that a header names, and no others.
 *
 * <pre>{@code
 * EventBusSource.builder(vertx, hub)
 *     .address("orders.paid")
 *     .address("legacy-stock-changes", "stock.changed")
 *     .start();
 * vertx.eventBus().publish("orders.paid", order,
 *     new DeliveryOptions().addHeader("tenant", "acme"));
 * }</pre>
 *
 * <p>A message without the header, with two of it, or with one that is no tenant's name, is
 * delivered to nobody, counted, and audited as any event without a tenant. The event bus has no
 * callers: whoever can send on it can publish for any tenant. Nothing leads from subscribers to it.
 *
 * <p>A body is a JSON object or array, a text, a number, a boolean or bytes; another is set aside
 * and counted, and so is what comes while {@code maxInFlight} messages are being published. A
 * message that was sent as a request is answered with {@code accepted}, or failed with the code of
 * the refusal.
 *
 * <p>Of a clustered event bus it takes what is sent on this node, so that nodes that share a log do
 * not publish a message once each.
 */
public final class EventBusSource {
  /** The failure code of a request that was refused. */
  public static final int REFUSED = 403;

  /** The failure code of a request that could not be published. */
  public static final int UNAVAILABLE = 503;

  /** The header whose text becomes the event's id; without it, the id is random. */
  public static final String ID_HEADER = "id";

  private static final Logger LOG = LoggerFactory.getLogger(EventBusSource.class);
  private static final String BYTES = "application/octet-stream";

  private final EventHub hub;
  private final String tenantHeader;
  private final int maxInFlight;
  private final List<MessageConsumer<Object>> consumers = new ArrayList<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong setAside = new AtomicLong();

  private EventBusSource(Builder builder) {
    this.hub = builder.hub;
    this.tenantHeader = builder.tenantHeader;
    this.maxInFlight = builder.maxInFlight;
    EventBus bus = builder.vertx.eventBus();
    builder.topics.forEach(
        (address, topic) ->
            consumers.add(bus.localConsumer(address, message -> take(message, topic))));
  }

  /** Begins a source. */
  public static Builder builder(Vertx vertx, EventHub hub) {
    return new Builder(vertx, hub);
  }

  /** How many messages became events. */
  public long accepted() {
    return accepted.get();
  }

  /** How many were refused: without a tenant, or as the hub says. */
  public long refused() {
    return refused.get();
  }

  /** How many were no events, came when too many were on their way, or met a log that failed. */
  public long setAside() {
    return setAside.get();
  }

  /** Takes no more messages. */
  public Future<Void> close() {
    return Future.join(consumers.stream().map(MessageConsumer::unregister).toList()).mapEmpty();
  }

  private void take(Message<Object> message, Topic topic) {
    if (inFlight.incrementAndGet() > maxInFlight) {
      inFlight.decrementAndGet();
      setAside(message, "too many messages are on their way");
      return;
    }
    Future<Published> published;
    try {
      Optional<EventData> data = data(message.body());
      published =
          data.isEmpty()
              ? Future.failedFuture(new IllegalArgumentException("not a body of an event"))
              : hub.publish(event(message, topic, data.get()));
    } catch (RuntimeException | Error e) {
      // Whatever is thrown here: a message that is told of no end would take its place for good.
      published = Future.failedFuture(e);
    }
    published.onComplete(done -> taken(message, done));
  }

  private Event event(Message<Object> message, Topic topic, EventData data) {
    List<String> tenants = message.headers().getAll(tenantHeader);
    Event.Builder event =
        Event.builder(topic.name())
            .source("/eventbus")
            .tenantFrom(tenants.size() == 1 ? tenants.get(0) : null)
            .data(data);
    String id = message.headers().get(ID_HEADER);
    return id == null ? event.build() : event.id(id).build();
  }

  private static Optional<EventData> data(Object body) {
    if (body == null) {
      return Optional.of(EventData.none());
    }
    if (body instanceof Buffer bytes) {
      return Optional.of(EventData.of(BYTES, bytes));
    }
    boolean json =
        body instanceof JsonObject
            || body instanceof JsonArray
            || body instanceof String
            || body instanceof Number
            || body instanceof Boolean;
    return json ? Optional.of(EventData.json(body)) : Optional.empty();
  }

  private void taken(Message<Object> message, AsyncResult<Published> done) {
    inFlight.decrementAndGet();
    if (done.failed()) {
      // The cause may repeat the message.
      LOG.warn("a message of the event bus was set aside: {}", done.cause().getClass().getName());
      setAside(message, "the message could not be published");
      return;
    }
    if (done.result() instanceof Published.Refused no) {
      refused.incrementAndGet();
      fail(message, REFUSED, no.refusal().code().code());
      return;
    }
    accepted.incrementAndGet();
    if (message.replyAddress() != null) {
      message.reply("accepted");
    }
  }

  private void setAside(Message<Object> message, String why) {
    setAside.incrementAndGet();
    fail(message, UNAVAILABLE, why);
  }

  private static void fail(Message<Object> message, int code, String why) {
    if (message.replyAddress() != null) {
      message.fail(code, why);
    }
  }

  /** Collects addresses. */
  public static final class Builder {
    private final Vertx vertx;
    private final EventHub hub;
    private final Map<String, Topic> topics = new LinkedHashMap<>();
    private String tenantHeader = "tenant";
    private int maxInFlight = 1_000;

    private Builder(Vertx vertx, EventHub hub) {
      this.vertx = vertx;
      this.hub = hub;
    }

    /** Messages of this address are events of the topic of the same name. */
    public Builder address(String addressAndTopic) {
      return address(addressAndTopic, addressAndTopic);
    }

    /**
     * Messages of this address are events of that topic.
     *
     * @throws IllegalArgumentException if the topic is none, or the address is mapped already
     */
    public Builder address(String address, String topic) {
      if (topics.putIfAbsent(address, Topic.of(topic)) != null) {
        throw new IllegalArgumentException("the address is mapped already: " + address);
      }
      return this;
    }

    /** The header that names the tenant; {@code tenant} by default. */
    public Builder tenantHeader(String value) {
      this.tenantHeader = value.toLowerCase(Locale.ROOT);
      return this;
    }

    /** How many messages may be on their way into the log; 1,000 by default. */
    public Builder maxInFlight(int value) {
      this.maxInFlight = value;
      return this;
    }

    /**
     * Takes messages from now on.
     *
     * @throws IllegalStateException if there is no address
     * @throws IllegalArgumentException if a setting is blank or not positive
     */
    public EventBusSource start() {
      if (topics.isEmpty()) {
        throw new IllegalStateException("an event bus source needs an address");
      }
      if (tenantHeader.isBlank() || maxInFlight < 1) {
        throw new IllegalArgumentException("tenantHeader and maxInFlight must say something");
      }
      return new EventBusSource(this);
    }
  }
}
