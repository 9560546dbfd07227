package dev.gatehouse.redis;

import static dev.gatehouse.redis.RedisLink.bytes;
import static dev.gatehouse.redis.RedisLink.text;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.lettuce.core.ScriptOutputType;
import io.vertx.core.Future;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Claims that several nodes share in Redis: each call is one script on the server, on the server's
 * clock.
 *
 * <p>Fences rise as long as the counter or the server's clock is there: a Redis that lost its data
 * gives out no fence twice unless its clock was turned back as well.
 *
 * <p>Memory is bounded by source. When a source has its most, its oldest <em>completed</em>
 * delivery is forgotten, which {@link #evictions} counts; when all of them are in flight the claim
 * fails. So no source can push out another's deliveries, and the memory that is needed is known:
 * about 400 bytes a delivery, and its answer. A Redis that has no memory left refuses the claim,
 * which fails. Only what was verified is claimed, so whoever has no key fills nothing.
 *
 * <p>A claim whose answer is lost on the way holds until its lease ends, as if its holder had
 * crashed.
 */
public final class RedisClaims implements Claims {
  private static final Base64.Encoder NAMES = Base64.getUrlEncoder().withoutPadding();

  private final RedisLink link;
  private final ClaimScripts scripts;
  private final String prefix;
  private final int maxPerSource;
  private final Duration retention;
  private final AtomicLong evictions = new AtomicLong();

  private RedisClaims(Builder builder) {
    this.link = builder.link;
    this.scripts = builder.scripts;
    this.prefix = builder.prefix + ":claims:{";
    this.maxPerSource = builder.maxPerSource;
    this.retention = builder.retention;
  }

  /** A delivery's name and the keys that its scripts touch, all in one slot of a cluster. */
  private record Place(String common, String name) {
    byte[][] keys() {
      return new byte[][] {
        bytes(common + name),
        bytes(common + "fence"),
        bytes(common + "held"),
        bytes(common + "done")
      };
    }
  }

  private Place place(ClaimKey key) {
    // Encoded, so that no source's name can end the braces and reach into another's keys.
    String source = URLEncoder.encode(key.source(), StandardCharsets.UTF_8);
    return new Place(prefix + source + "}:", NAMES.encodeToString(key.toBytes()));
  }

  @Override
  public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
    Place place = place(key);
    return link.<List<Object>>run(
            scripts.claim(),
            ScriptOutputType.MULTI,
            place.keys(),
            bytes(place.name()),
            fingerprint.toBytes(),
            bytes(positiveMillis("lease", lease)),
            bytes(maxPerSource),
            bytes(place.common()))
        .map(answer -> claim(key, answer));
  }

  private Claim claim(ClaimKey key, List<Object> answer) {
    return switch (text(answer.get(0))) {
      case "new" -> {
        evictions.addAndGet((Long) answer.get(3));
        yield new Claim.New((Long) answer.get(1), instant(answer.get(2)));
      }
      case "duplicate" -> new Claim.Duplicate(ClaimAnswer.fromBytes((byte[]) answer.get(1)));
      case "in-flight" -> new Claim.InFlight(instant(answer.get(1)));
      case "conflict" -> new Claim.Conflict();
      default ->
          throw new IllegalStateException(
              "source '"
                  + key.source()
                  + "' has "
                  + maxPerSource
                  + " deliveries in flight: raise maxPerSource or lower the sender's rate");
    };
  }

  private static Instant instant(Object millis) {
    return Instant.ofEpochMilli((Long) millis);
  }

  @Override
  public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
    Place place = place(key);
    return link.<Long>run(
            scripts.complete(),
            ScriptOutputType.INTEGER,
            place.keys(),
            bytes(place.name()),
            bytes(fence),
            bytes(retention.toMillis()),
            answer.toBytes())
        .map(done -> done == 1);
  }

  @Override
  public Future<Boolean> release(ClaimKey key, long fence) {
    Place place = place(key);
    return link.<Long>run(
            scripts.release(),
            ScriptOutputType.INTEGER,
            place.keys(),
            bytes(place.name()),
            bytes(fence))
        .map(done -> done == 1);
  }

  @Override
  public Duration retention() {
    return retention;
  }

  /**
   * How many completed deliveries were forgotten before their time on behalf of this node, because
   * a source was full.
   */
  public long evictions() {
    return evictions.get();
  }

  private static long positiveMillis(String name, Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1) {
      throw new IllegalArgumentException(name + " must be at least a millisecond");
    }
    return millis;
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final RedisLink link;
    private final String prefix;
    private ClaimScripts scripts = ClaimScripts.onServerTime();
    private int maxPerSource = 1_000_000;
    private Duration retention = Duration.ofDays(8);

    Builder(RedisLink link, String prefix) {
      this.link = link;
      this.prefix = prefix;
    }

    /** How many deliveries of one source are remembered; 1,000,000 by default. */
    public Builder maxPerSource(int value) {
      this.maxPerSource = value;
      return this;
    }

    /**
     * How long completed deliveries are remembered; eight days by default, longer than any provider
     * of the catalogue goes on retrying.
     */
    public Builder retention(Duration value) {
      this.retention = value;
      return this;
    }

    // for tests, which move the clock
    Builder scripts(ClaimScripts value) {
      this.scripts = value;
      return this;
    }

    /**
     * The claims.
     *
     * @throws IllegalArgumentException if a bound is not positive
     */
    public RedisClaims build() {
      positiveMillis("retention", retention);
      if (maxPerSource < 1) {
        throw new IllegalArgumentException(
            "maxPerSource must be at least 1: it is how many deliveries a source can remember");
      }
      return new RedisClaims(this);
    }
  }
}
