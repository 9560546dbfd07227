package dev.gatehouse.webhook.keys;

import dev.gatehouse.webhook.scheme.KeyLocation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How keys are fetched and how long they are kept. What is not set is strict.
 *
 * <p>Always: no redirects, no compression, at most 64 kB, one fetch at a time for one place.
 */
public final class KeyFetching {
  /** Looks a name up without blocking. */
  @FunctionalInterface
  public interface Resolver {
    /** The addresses of that name. */
    Future<List<InetAddress>> resolve(String name);
  }

  final Duration timeout;
  final Duration fresh;
  final Duration stale;
  final Duration retryAfter;
  final int maxPlaces;
  final int maxFetches;
  final boolean insecureLoopback;
  final boolean privateAddresses;
  final @Nullable TrustOptions serverTrust;
  final List<X509Certificate> authorities;
  final InstantSource clock;
  final @Nullable Resolver resolver;
  final int connectPort;

  private KeyFetching(Builder builder) {
    this.timeout = builder.timeout;
    this.fresh = builder.fresh;
    this.stale = builder.stale;
    this.retryAfter = builder.retryAfter;
    this.maxPlaces = builder.maxPlaces;
    this.maxFetches = builder.maxFetches;
    this.insecureLoopback = builder.insecureLoopback;
    this.privateAddresses = builder.privateAddresses;
    this.serverTrust = builder.serverTrust;
    this.authorities = List.copyOf(builder.authorities);
    this.clock = builder.clock;
    this.resolver = builder.resolver;
    this.connectPort = builder.connectPort;
  }

  /** All defaults: https to public addresses, trusted as this JVM trusts. */
  public static KeyFetching strict() {
    return builder().build();
  }

  /**
   * Checks that keys may be fetched from a place at all.
   *
   * @throws IllegalArgumentException if not; the message ends a sentence that names the setting
   */
  public void check(KeyLocation location) {
    if (location instanceof KeyLocation.KeySet set) {
      KeyFetcher.checked(set.url(), insecureLoopback);
    }
    if (location instanceof KeyLocation.PemByKid pem) {
      KeyFetcher.checked(pem.url().replace("{kid}", "kid"), insecureLoopback);
    }
  }

  /** Begins with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** The names of this machine's resolver, asked on a worker thread. */
  static Resolver systemResolver(Vertx vertx) {
    return name -> vertx.executeBlocking(() -> List.of(InetAddress.getAllByName(name)), false);
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private Duration timeout = Duration.ofSeconds(4);
    private Duration fresh = Duration.ofHours(1);
    private Duration stale = Duration.ofHours(23);
    private Duration retryAfter = Duration.ofSeconds(30);
    private int maxPlaces = 100;
    private int maxFetches = 16;
    private boolean insecureLoopback;
    private boolean privateAddresses;
    private @Nullable TrustOptions serverTrust;
    private List<X509Certificate> authorities = List.of();
    private InstantSource clock = InstantSource.system();
    private @Nullable Resolver resolver;
    private int connectPort;

    private Builder() {}

    /** How long a fetch may take in all; 4 s by default. */
    public Builder timeout(Duration value) {
      this.timeout = value;
      return this;
    }

    /** How long fetched keys are used before they are fetched again; 1 h by default. */
    public Builder fresh(Duration value) {
      this.fresh = value;
      return this;
    }

    /** How much longer they are used while fetching fails; 23 h by default. */
    public Builder stale(Duration value) {
      this.stale = value;
      return this;
    }

    /**
     * The least time between two fetches from one place, whatever requests name: how long a failure
     * and an unknown key are remembered. 30 s by default.
     */
    public Builder retryAfter(Duration value) {
      this.retryAfter = value;
      return this;
    }

    /** How many places are remembered, where requests name them; 100 by default. */
    public Builder maxPlaces(int value) {
      this.maxPlaces = value;
      return this;
    }

    /** How many fetches may be under way at once; 16 by default. */
    public Builder maxFetches(int value) {
      this.maxFetches = value;
      return this;
    }

    /** Lets key URLs be http, if they lead to this machine. For development. */
    public Builder allowInsecureLoopback(boolean value) {
      this.insecureLoopback = value;
      return this;
    }

    /** Lets the names of key URLs lead to private addresses; link-local ones never. */
    public Builder allowPrivateAddresses(boolean value) {
      this.privateAddresses = value;
      return this;
    }

    /** Whom to trust as a server; as this JVM does by default. */
    public Builder serverTrust(TrustOptions value) {
      this.serverTrust = value;
      return this;
    }

    /** Who may issue the certificates that hold keys; those that this JVM trusts by default. */
    public Builder certificateAuthorities(List<X509Certificate> value) {
      this.authorities = List.copyOf(value);
      return this;
    }

    /** Tells the time. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /** Looks names up; this machine's resolver by default. */
    public Builder resolver(Resolver value) {
      this.resolver = value;
      return this;
    }

    /** For tests: another port to connect to than the URL's. */
    Builder connectPort(int value) {
      this.connectPort = value;
      return this;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException if a duration or a number is not positive
     */
    public KeyFetching build() {
      for (Duration each : List.of(timeout, fresh, retryAfter)) {
        if (each.toMillis() < 1) {
          throw new IllegalArgumentException("timeout, fresh and retryAfter must be positive");
        }
      }
      if (stale.isNegative() || maxPlaces < 1 || maxFetches < 1) {
        throw new IllegalArgumentException(
            "stale must not be negative; maxPlaces and maxFetches must be positive");
      }
      return new KeyFetching(this);
    }
  }
}
