package dev.gatehouse.receiver;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Problems;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The standalone server: it acknowledges a webhook only when it was verified and is on the disk,
 * and then delivers it until the destination has it.
 *
 * <pre>{@code
 * Receiver receiver = Receiver.builder(config).reloadFrom(Path.of("gatehouse.yaml")).build();
 * receiver.start().onSuccess(started -> print(started.publicPort()));
 * ...
 * receiver.stop();
 * }</pre>
 *
 * <p>It starts once and stops once. The future of {@link #start} fails with a {@link
 * StoreException} if the store cannot be used, with a {@link ListenException} if a port is taken,
 * with an {@link IllegalArgumentException} if a secret has become unusable since the configuration
 * was read, and with an {@link IllegalStateException} if it was stopped meanwhile; nothing listens
 * then.
 */
public final class Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(Receiver.class);
  private static final Duration DRAIN = Duration.ofSeconds(20);

  /**
   * Where the receiver listens.
   *
   * @param publicPort the port of the hooks
   * @param managementPort the port of the management API
   */
  public record Started(int publicPort, int managementPort) {}

  private final ReceiverConfig config;
  private final @Nullable Path configFile;
  private final String fileStamp;
  private final ConfigReader reader;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final AuditSink auditSink;
  private final Destination.@Nullable Resolver resolver;
  private final Vertx vertx;
  private final boolean embedded;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final Promise<Started> started = Promise.promise();
  private final Promise<Void> stopped = Promise.promise();
  private volatile @Nullable Running running;

  /** Everything that runs between start and stop. */
  record Running(
      SqlInbox inbox,
      SharedState shared,
      Metrics metrics,
      Sources sources,
      Dispatcher dispatcher,
      Reloads reloads,
      Sweeper sweeper,
      PublicServer publicServer,
      Management management) {}

  /** Everything is open, and nothing listens or delivers yet. */
  private record Ready(Running running, Dispatcher.Prepared deliveries) {}

  private Receiver(Builder builder) {
    this.config = builder.config;
    this.configFile = builder.configFile;
    this.fileStamp = builder.fileStamp;
    this.reader = builder.reader;
    this.clock = builder.clock;
    this.random = builder.random;
    this.auditSink = builder.auditSink;
    this.resolver = builder.resolver;
    this.embedded = builder.vertx != null;
    this.vertx = builder.vertx == null ? ownVertx() : builder.vertx;
  }

  /** Begins a receiver. */
  public static Builder builder(ReceiverConfig config) {
    return new Builder(config);
  }

  private static Vertx ownVertx() {
    return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(eventLoops()));
  }

  /**
   * One for each core but one, which the inbox's writer has: more would only take turns with it.
   */
  static int eventLoops() {
    return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
  }

  /** Opens the store, then listens. */
  public Future<Started> start() {
    if (!begun.compareAndSet(false, true)) {
      return Future.failedFuture(new IllegalStateException("a receiver starts once"));
    }
    Opened opened = new Opened();
    Future.succeededFuture()
        .compose(v -> SharedState.open(vertx, config.shared(), clock))
        .onSuccess(shared -> opened.add(shared::close))
        .compose(shared -> vertx.executeBlocking(() -> prepare(shared, opened)))
        .compose(this::listen)
        .onComplete(started::complete, failure -> abandon(opened, failure));
    return started.future();
  }

  // Within somebody's Vert.x nothing else would give lock, ports and threads back.
  private void abandon(Opened opened, Throwable failure) {
    running = null;
    opened
        .close()
        .onFailure(e -> LOG.warn("what a failed start had opened did not close cleanly", e))
        .onComplete(done -> closeVertx().onComplete(end -> started.fail(failure)));
  }

  // What is chained to a future of a Vert.x that closes may never be called: its loops are gone.
  private Future<Void> closeVertx() {
    if (embedded) {
      return Future.succeededFuture();
    }
    Promise<Void> closed = Promise.promise();
    vertx.close().onComplete(done -> closed.complete());
    return closed.future();
  }

  private Ready prepare(SharedState shared, Opened opened) {
    Metrics metrics = new Metrics();
    SqlInbox inbox = SqlInbox.open(vertx, config.store(), clock);
    opened.add(inbox::close);
    Sources sources =
        new Sources(
            new Sources.Surroundings(
                vertx,
                config.server(),
                inbox,
                shared,
                auditSink,
                metrics,
                clock,
                config.store().quarantine()));
    Destination.Resolver names = resolver == null ? Names.system(vertx) : resolver;
    opened.add(names::close);
    Sinks sinks = new Sinks(vertx, embedded, clock, names);
    Dispatcher dispatcher = new Dispatcher(vertx, inbox, clock, random, sinks, metrics);
    opened.add(() -> dispatcher.stop(Duration.ZERO));
    Reloads reloads =
        new Reloads(vertx, configFile, reader::load, sources, dispatcher, metrics, clock);
    opened.add(
        () -> {
          reloads.end();
          return reloads.close();
        });
    reloads.prepare(fileStamp, config);
    metrics.watch(inbox.writer());
    metrics.watch(dispatcher);
    Gauges gauges = new Gauges(metrics.registry(), inbox, sources, dispatcher, clock);
    if (config.store().place() instanceof ReceiverConfig.Place.Sqlite file) {
      Gauges.watchFile(metrics.registry(), file.path());
    }
    Dispatcher.Prepared deliveries = dispatcher.prepare(config.sources());
    opened.add(deliveries::discard);
    sources.serve(config.sources());
    Checklist.warn(config, clock.instant());
    PublicServer publicServer = new PublicServer(vertx, config.server(), sources);
    opened.add(() -> publicServer.stop(Duration.ZERO));
    Management management =
        new Management(
            vertx,
            config.management(),
            new ManagementApi(inbox, sources, shared, auditSink, metrics, gauges, reloads, clock));
    opened.add(management::close);
    Running prepared =
        new Running(
            inbox,
            shared,
            metrics,
            sources,
            dispatcher,
            reloads,
            new Sweeper(vertx, inbox, config.store(), clock),
            publicServer,
            management);
    running = prepared;
    return new Ready(prepared, deliveries);
  }

  private Future<Started> listen(Ready ready) {
    if (ending.get()) {
      return Future.failedFuture(new IllegalStateException("stopped while it started"));
    }
    Running prepared = ready.running();
    return prepared
        .management()
        .listen()
        .compose(
            managementPort ->
                prepared
                    .publicServer()
                    .listen()
                    .map(publicPort -> new Started(publicPort, managementPort)))
        .map(
            started -> {
              ready.deliveries().serve();
              prepared.reloads().begin();
              prepared.shared().onReload(() -> reloadForOthers(prepared));
              prepared.sweeper().begin();
              return started;
            });
  }

  private static void reloadForOthers(Running prepared) {
    prepared.reloads().reload().onFailure(e -> LOG.debug("kept the sources as they were"));
  }

  /**
   * Reads the configuration file again, as SIGHUP does.
   *
   * @return fails with a {@link Problems.InvalidException} if the file is refused; nothing changes
   *     then
   */
  public Future<Void> reload() {
    return Optional.ofNullable(running)
        .map(r -> r.reloads().reload())
        .orElseGet(() -> Future.failedFuture(new IllegalStateException("not running")));
  }

  /**
   * Stops without losing anything: requests under way are answered, deliveries under way end or are
   * tried again after the next start, and what was stored is on the disk. A start under way is
   * given up, or ends first.
   *
   * @return ends when it has stopped, however often it is asked to
   */
  public Future<Void> stop() {
    if (ending.compareAndSet(false, true)) {
      if (begun.compareAndSet(false, true)) {
        end(); // it never started, and never will
      } else {
        started.future().onComplete(done -> end());
      }
    }
    return stopped.future();
  }

  private void end() {
    Running stopping = running;
    running = null;
    if (stopping == null) {
      closeVertx().onComplete(end -> stopped.complete());
      return;
    }
    stopping.management().stopping();
    stopping.reloads().end();
    stopping.sweeper().end();
    stopping
        .publicServer()
        .stop(DRAIN)
        .eventually(() -> stopping.dispatcher().stop(DRAIN))
        .eventually(() -> stopping.inbox().close())
        .eventually(() -> stopping.management().close())
        .eventually(() -> stopping.reloads().close())
        .eventually(() -> stopping.shared().close())
        .onFailure(failure -> LOG.warn("the receiver did not stop cleanly", failure))
        .onComplete(done -> closeVertx().onComplete(end -> stopped.complete()));
  }

  // For tests in this package.
  @Nullable Running running() {
    return running;
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final ReceiverConfig config;
    private @Nullable Path configFile;
    private String fileStamp = "";
    private ConfigReader reader = ConfigReader.create();
    private InstantSource clock = InstantSource.system();
    private RandomGenerator random = new SecureRandom();
    private AuditSink auditSink = AuditSink.slf4j();
    private Destination.@Nullable Resolver resolver;
    private @Nullable Vertx vertx;

    private Builder(ReceiverConfig config) {
      this.config = config;
    }

    /**
     * Reads the sources from that file again when it changes after this call, and on SIGHUP.
     *
     * @param file where the configuration was read from, just now
     */
    public Builder reloadFrom(Path file) {
      this.configFile = file;
      this.fileStamp = Reloads.stamp(file);
      return this;
    }

    /** Reads the configuration when it is read again. */
    public Builder configReader(ConfigReader value) {
      this.reader = value;
      return this;
    }

    /** Tells the time. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /** Where decisions are recorded; the logger {@code gatehouse.audit} by default. */
    public Builder auditSink(AuditSink value) {
      this.auditSink = value;
      return this;
    }

    /**
     * Runs within that Vert.x, which {@link Receiver#stop} leaves as it is; with one, {@code
     * deliver.eventBus} can deliver to its event bus. By default the receiver makes its own.
     */
    public Builder vertx(Vertx value) {
      this.vertx = value;
      return this;
    }

    Builder random(RandomGenerator value) {
      this.random = value;
      return this;
    }

    Builder resolver(Destination.Resolver value) {
      this.resolver = value;
      return this;
    }

    /** The receiver, not started. */
    public Receiver build() {
      return new Receiver(this);
    }
  }
}
