package dev.gatehouse.receiver;

import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Everything a receiver needs to know, checked as a whole: a {@link ConfigReader} made it, so it
 * holds no unknown key, no unresolved reference and no unusable secret.
 *
 * @param server the public port and its limits
 * @param management the management port
 * @param store where deliveries are kept
 * @param sources who may send, in the order of the file
 * @param shared what several receivers share
 */
public record ReceiverConfig(
    Server server, Management management, Store store, List<Source> sources, Shared shared) {
  /** Copies the sources. */
  public ReceiverConfig {
    sources = List.copyOf(sources);
  }

  /**
   * The public port.
   *
   * @param host the address to listen on
   * @param port the port; 0 takes a free one
   * @param maxBodiesInFlight how many bytes of bodies may be in memory at a time
   * @param trustedProxies the networks whose word on the client's address is believed
   * @param hideSources whether an unknown source is answered as a bad signature is
   */
  public record Server(
      String host,
      int port,
      long maxBodiesInFlight,
      List<String> trustedProxies,
      boolean hideSources) {
    /** Copies the proxies. */
    public Server {
      trustedProxies = List.copyOf(trustedProxies);
    }
  }

  /**
   * The management port.
   *
   * @param token what callers must show; required unless the host is a loopback address
   */
  public record Management(String host, int port, Optional<Secret> token) {
    /** Refuses an open port for all. */
    public Management {
      if (token.isEmpty() && !Loopback.isLoopback(host)) {
        throw new IllegalArgumentException("a management port on " + host + " needs a token");
      }
    }

    boolean sameAs(Management other) {
      boolean sameToken =
          token
              .map(t -> other.token.map(o -> t.matches(o.revealBytes())).orElse(false))
              .orElse(other.token.isEmpty());
      return host.equals(other.host) && port == other.port && sameToken;
    }
  }

  /**
   * The store.
   *
   * @param place where it is
   * @param retention how long the content of what ended is kept
   * @param maxBytes how large it may become before the oldest that ended are removed sooner; empty
   *     for no bound
   * @param encryption the keys of headers and bodies, of which the first seals what is new; empty
   *     for none
   * @param quarantine whether and how much of what was rejected is kept
   */
  public record Store(
      Place place,
      Duration retention,
      OptionalLong maxBytes,
      List<Secret> encryption,
      Optional<Quarantine> quarantine) {
    /** Copies the keys. */
    public Store {
      encryption = List.copyOf(encryption);
    }

    /** A store in a SQLite file, with nothing else said. */
    static Store sqlite(Path path, Duration retention) {
      return new Store(
          new Place.Sqlite(path), retention, OptionalLong.empty(), List.of(), Optional.empty());
    }

    boolean sameAs(Store other) {
      return place.sameAs(other.place)
          && retention.equals(other.retention)
          && maxBytes.equals(other.maxBytes)
          && quarantine.equals(other.quarantine)
          && sameKeys(encryption, other.encryption);
    }

    private static boolean sameKeys(List<Secret> these, List<Secret> those) {
      boolean same = these.size() == those.size();
      for (int i = 0; same && i < these.size(); i++) {
        same =
            these.get(i).id().equals(those.get(i).id())
                && these.get(i).matches(those.get(i).revealBytes());
      }
      return same;
    }
  }

  /** Where a store is. */
  public sealed interface Place {
    /** In a file of this machine, for one receiver. */
    record Sqlite(Path path) implements Place {}

    /** In a PostgreSQL, for any number of receivers. */
    record Postgres(PostgresAddress address) implements Place {}

    /** Whether it is the same place, reached in the same way. */
    default boolean sameAs(Place other) {
      if (this instanceof Postgres mine && other instanceof Postgres theirs) {
        return mine.address.sameAs(theirs.address);
      }
      return equals(other);
    }
  }

  /**
   * How much of what was rejected is kept.
   *
   * @param sources whose; empty for all
   * @param maxCount how many of each source; the oldest make room
   * @param maxBytes how many bytes of each source
   */
  public record Quarantine(List<String> sources, int maxCount, long maxBytes) {
    /** Copies the sources. */
    public Quarantine {
      sources = List.copyOf(sources);
    }

    boolean covers(String source) {
      return sources.isEmpty() || sources.contains(source);
    }
  }

  /**
   * What several receivers share beside the store: budgets, kill switches, reloads.
   *
   * @param redis the URL of the Redis that keeps it, which may hold a password; empty where each
   *     receiver has its own
   */
  public record Shared(Optional<Secret> redis) {
    /** Nothing. */
    public static Shared none() {
      return new Shared(Optional.empty());
    }

    boolean sameAs(Shared other) {
      return redis
          .map(r -> other.redis.map(o -> r.matches(o.revealBytes())).orElse(false))
          .orElse(other.redis.isEmpty());
    }
  }

  /**
   * A sender.
   *
   * @param name the name, which is also the last part of its default path
   * @param enabled whether it is served; a disabled one is answered as if there were none
   * @param scheme how it signs
   * @param path where it posts
   * @param tenant whose deliveries these are
   * @param owner who answers for it
   * @param classification how sensitive its payloads are, in words of your own
   * @param secrets the secrets or public keys, read anew at each reload
   * @param published where its public keys are fetched; empty if they are all configured
   * @param params the scheme's configured constants
   * @param publicUrl where senders reach this server, for schemes that sign the URL; the request's
   *     path and query are appended
   * @param replayWindow how old or new a signed time may be; empty for the provider's own; without
   *     effect where the scheme signs none
   * @param dedupeLifetime how long a repetition is recognised
   * @param mode whether rejections bind
   * @param limits how often it may call
   * @param maxBodyBytes the largest body
   * @param bodyTimeout how long a body may take
   * @param ack the status that acknowledges a delivery
   * @param tellReasons whether refusals name their reason
   * @param confirmSubscriptions whether subscriptions are confirmed by calling the provider
   * @param deliver where deliveries go; empty keeps them for readers
   */
  public record Source(
      String name,
      boolean enabled,
      Scheme scheme,
      String path,
      Tenant tenant,
      Optional<String> owner,
      Optional<String> classification,
      SecretSource secrets,
      Optional<Published> published,
      Map<String, String> params,
      Optional<String> publicUrl,
      Optional<Duration> replayWindow,
      Duration dedupeLifetime,
      Mode mode,
      Limits limits,
      long maxBodyBytes,
      Duration bodyTimeout,
      int ack,
      boolean tellReasons,
      boolean confirmSubscriptions,
      Optional<Deliver> deliver) {
    /** Copies the constants. */
    public Source {
      params = Map.copyOf(params);
    }
  }

  /**
   * Where a source's public keys are fetched.
   *
   * @param location the place
   * @param allowInsecureKeyUrl whether it may be http, if it is on this machine
   * @param allowPrivate whether its name may lead to a private address
   */
  public record Published(
      KeyLocation location, boolean allowInsecureKeyUrl, boolean allowPrivate) {}

  /** Whose deliveries a source sends. */
  public sealed interface Tenant {
    /** Nobody's in particular. */
    record None() implements Tenant {}

    /** One tenant's. */
    record Fixed(TenantId id) implements Tenant {}

    /** That of the tenant whom a JSON pointer into the verified body names. */
    record Pointer(String pointer) implements Tenant {}
  }

  /**
   * How often a source may call.
   *
   * @param requestsPerSecond verified requests; empty for no limit
   * @param burst verified requests at once
   * @param failuresPerMinute failed requests of one address
   */
  public record Limits(OptionalInt requestsPerSecond, int burst, int failuresPerMinute) {}

  /** The same on another public port. */
  public ReceiverConfig withPort(int port) {
    Server moved =
        new Server(
            server.host(),
            port,
            server.maxBodiesInFlight(),
            server.trustedProxies(),
            server.hideSources());
    return new ReceiverConfig(moved, management, store, sources, shared);
  }

  /** The same on another management port. */
  public ReceiverConfig withManagementPort(int port) {
    Management moved = new Management(management.host(), port, management.token());
    return new ReceiverConfig(server, moved, store, sources, shared);
  }

  /**
   * The same with its SQLite file, named {@code inbox.db}, in another folder; a PostgreSQL stays
   * where it is.
   */
  public ReceiverConfig withDataFolder(Path folder) {
    Store moved =
        new Store(
            store.place() instanceof Place.Sqlite
                ? new Place.Sqlite(folder.resolve("inbox.db"))
                : store.place(),
            store.retention(),
            store.maxBytes(),
            store.encryption(),
            store.quarantine());
    return new ReceiverConfig(server, management, moved, sources, shared);
  }

  /** Whether what needs a restart is the same. */
  boolean sameServerAs(ReceiverConfig other) {
    return server.equals(other.server)
        && management.sameAs(other.management)
        && shared.sameAs(other.shared)
        && store.sameAs(other.store);
  }
}
