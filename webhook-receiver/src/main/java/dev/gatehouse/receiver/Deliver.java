package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.scheme.Scheme;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a source's deliveries go, and how.
 *
 * @param target the place
 * @param sign how they are signed anew; empty for not at all
 * @param timeout how long an attempt may take
 * @param retry when a failed one is tried again
 * @param concurrency how many attempts the place may have under way at a time
 * @param rate how many attempts may begin there in a time; empty for no limit
 * @param circuit when the place is left alone
 * @param order what is delivered in the order of its receipt
 */
public record Deliver(
    Target target,
    Optional<Sign> sign,
    Duration timeout,
    RetrySchedule retry,
    int concurrency,
    Optional<Rate> rate,
    Circuit.Settings circuit,
    Order order) {
  /** A place that takes deliveries. */
  public sealed interface Target {
    /** What is the same for the same place, and holds no secret. */
    String place();
  }

  /**
   * A URL that deliveries are posted to.
   *
   * @param to the URL
   * @param allowPrivate whether its name may resolve to a private or loopback address
   */
  public record Url(URI to, boolean allowPrivate) implements Target {
    @Override
    public String place() {
      Destination place = new Destination(to, allowPrivate);
      String host = place.host().toLowerCase(Locale.ROOT);
      return (place.isTls() ? "https://" : "http://") + host + ":" + place.port() + place.target();
    }
  }

  /**
   * A topic of Kafka.
   *
   * @param bootstrap brokers to begin with, as {@code host:port} by commas
   * @param topic the topic
   * @param key what records are keyed by
   * @param tls whether the brokers speak TLS
   * @param login who we are there; empty for nobody
   */
  public record Topic(
      String bootstrap, String topic, RecordKey key, boolean tls, Optional<Login> login)
      implements Target {
    @Override
    public String place() {
      return "kafka://" + bootstrap + "/" + topic;
    }
  }

  /** What a record of Kafka is keyed by, which chooses its partition. */
  public enum RecordKey {
    /** The order key, else the tenant, else nothing. */
    ORDER,
    /** The tenant, else nothing. */
    TENANT,
    /** The delivery's id. */
    DELIVERY,
    /** Nothing. */
    NONE
  }

  /** How a password is shown to Kafka. */
  public enum Mechanism {
    /** As it is; over TLS. */
    PLAIN("PLAIN"),
    /** By a challenge. */
    SCRAM_SHA_256("SCRAM-SHA-256"),
    /** By a challenge. */
    SCRAM_SHA_512("SCRAM-SHA-512");

    private final String kafkaName;

    Mechanism(String kafkaName) {
      this.kafkaName = kafkaName;
    }

    String kafkaName() {
      return kafkaName;
    }
  }

  /** A user of Kafka's. */
  public record Login(Mechanism mechanism, String user, Secret password) {}

  /**
   * A stream of Redis.
   *
   * @param url where Redis is; it may hold a password
   * @param name the server without its password
   * @param stream the stream
   * @param maxLength how many entries it keeps, about
   */
  public record RedisStream(Secret url, String name, String stream, long maxLength)
      implements Target {
    @Override
    public String place() {
      return "redis://" + name + "/" + stream;
    }
  }

  /** An address on the event bus of the Vert.x that the receiver was given. */
  public record EventBusAddress(String address) implements Target {
    @Override
    public String place() {
      return "bus://" + address;
    }
  }

  /**
   * How deliveries are signed anew.
   *
   * @param scheme the scheme
   * @param secret its secret
   */
  public record Sign(Scheme scheme, SecretSource secret) {}

  /** So many in each period. */
  public record Rate(long count, Duration period) {
    boolean isBelow(Rate other) {
      return count * (double) other.period.toNanos() < other.count * (double) period.toNanos();
    }
  }

  /** What is delivered in the order of its receipt. */
  public sealed interface Order {
    /** Nothing. */
    record None() implements Order {}

    /** All of the source, one at a time. */
    record BySource() implements Order {}

    /** What is of one tenant. */
    record ByTenant() implements Order {}

    /** What has the same value at a JSON pointer into the verified body. */
    record ByPointer(String pointer) implements Order {}
  }
}
