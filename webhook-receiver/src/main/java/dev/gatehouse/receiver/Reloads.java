package dev.gatehouse.receiver;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the sources again when the configuration or a file it names changes, and on SIGHUP.
 *
 * <p>A file that is refused changes nothing and is reported. A good one takes effect for the next
 * request. What only a start can change is reported too, and the rest takes effect.
 */
final class Reloads {
  private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);
  private static final long POLL_MILLIS = 2_000;

  private final Vertx vertx;
  private final @Nullable Path file;
  private final Function<Path, ConfigReader.Loaded> reader;
  private final Sources sources;
  private final Dispatcher dispatcher;
  private final Metrics metrics;
  private final InstantSource clock;
  private final WorkerExecutor worker;
  private final Set<Promise<Void>> underWay = ConcurrentHashMap.newKeySet();
  private @Nullable ReceiverConfig started;
  private Set<Path> watched = Set.of();
  private Map<Path, String> seen = new HashMap<>();
  private @Nullable Map<Path, String> changed;
  private @Nullable Hangup hangup;
  private volatile boolean ended;

  Reloads(
      Vertx vertx,
      @Nullable Path file,
      Function<Path, ConfigReader.Loaded> reader,
      Sources sources,
      Dispatcher dispatcher,
      Metrics metrics,
      InstantSource clock) {
    this.vertx = vertx;
    this.file = file;
    this.reader = reader;
    this.sources = sources;
    this.dispatcher = dispatcher;
    this.metrics = metrics;
    this.clock = clock;
    // one thread: reloads happen one after the other
    this.worker = vertx.createSharedWorkerExecutor("gatehouse-reload", 1);
  }

  /**
   * Remembers how the files were; blocks.
   *
   * @param fileStamp how the configuration was when the running one was read
   * @param running what runs; if the files say otherwise by now, the first looks apply it
   */
  void prepare(String fileStamp, ReceiverConfig running) {
    if (file == null) {
      return;
    }
    try {
      ConfigReader.Loaded loaded = read(file);
      started = loaded.config();
      if (SameSources.same(loaded.config().sources(), running.sources())) {
        seen.put(file, fileStamp);
      } else {
        seen.clear();
      }
    } catch (IllegalArgumentException changedSinceStart) {
      LOG.debug("the configuration changed while the receiver started");
      seen.put(file, fileStamp);
    }
  }

  /** Reads, and remembers how the files were before: what changes meanwhile is seen later. */
  private ConfigReader.Loaded read(Path path) {
    Map<Path, String> before = stamps(path, watched);
    seen = before;
    ConfigReader.Loaded loaded = reader.apply(path);
    if (!before.keySet().containsAll(loaded.files())) {
      before = stamps(path, loaded.files());
      loaded = reader.apply(path);
    }
    watched = loaded.files();
    before.keySet().removeIf(known -> !known.equals(path) && !watched.contains(known));
    seen = before;
    return loaded;
  }

  void begin() {
    if (file == null) {
      return;
    }
    hangup = Hangup.listen(this::onHangup);
    pollLater();
  }

  /** Reads no more; who waits for that to be done is told. */
  void end() {
    ended = true;
    if (hangup != null) {
      hangup.close();
    }
    underWay.forEach(Reloads::refuse);
  }

  private static void refuse(Promise<Void> reload) {
    reload.tryFail(new IllegalStateException("the receiver stops"));
  }

  /** Lets go of its thread. */
  Future<Void> close() {
    return worker.close();
  }

  private void onHangup() {
    Future<Void> reported = reload();
    reported.onFailure(e -> LOG.debug("kept the sources as they were"));
  }

  private void pollLater() {
    if (!ended) {
      vertx.setTimer(
          POLL_MILLIS, due -> worker.executeBlocking(this::poll).onComplete(done -> pollLater()));
    }
  }

  /** Looks once; a change counts when it has stayed the same for two looks. */
  @Nullable Void poll() {
    Map<Path, String> now = stamps(Objects.requireNonNull(file), watched);
    if (now.equals(seen)) {
      changed = null;
      return null;
    }
    if (!now.equals(changed)) {
      changed = now;
      return null;
    }
    changed = null;
    try {
      apply();
    } catch (IllegalArgumentException reported) {
      LOG.debug("kept the sources as they were");
    }
    return null;
  }

  /** Reads now; ends when the new sources are served, or the receiver stops. */
  Future<Void> reload() {
    if (file == null) {
      return Future.failedFuture(
          new IllegalStateException("there is no configuration file to read again"));
    }
    Promise<Void> done = Promise.promise();
    underWay.add(done);
    done.future().onComplete(end -> underWay.remove(done));
    if (ended) {
      refuse(done);
      return done.future();
    }
    worker
        .<@Nullable Void>executeBlocking(
            () -> {
              apply();
              return null;
            })
        .onComplete(v -> done.tryComplete(), done::tryFail);
    return done.future();
  }

  private void apply() {
    if (ended) {
      return;
    }
    Path path = Objects.requireNonNull(file);
    try {
      ConfigReader.Loaded loaded = read(path);
      // compared with what the file said: options of the command line may have moved ports since
      if (started != null && !loaded.config().sameServerAs(started)) {
        LOG.warn(
            "{}: server, management or store changed; that takes effect at the next start", path);
      }
      serve(loaded.config().sources());
      Checklist.warn(loaded.config(), clock.instant());
      metrics.reloaded();
      LOG.info("{}: {} sources take effect", path, loaded.config().sources().size());
    } catch (IllegalArgumentException e) {
      metrics.reloadFailed();
      LOG.error("{} is refused, the sources stay as they were:\n{}", path, e.getMessage());
      throw e;
    } catch (RuntimeException | Error e) { // of a look nobody else would hear
      metrics.reloadFailed();
      LOG.error("{} could not be applied, the sources stay as they were", path, e);
      throw e;
    }
  }

  // All or nothing: what can be refused comes before anything changes.
  private void serve(List<ReceiverConfig.Source> read) {
    Dispatcher.Prepared deliveries = dispatcher.prepare(read);
    try {
      sources.serve(read);
    } catch (RuntimeException | Error e) {
      deliveries.discard();
      throw e;
    }
    deliveries.serve();
  }

  private static Map<Path, String> stamps(Path file, Set<Path> named) {
    Map<Path, String> stamps = new HashMap<>();
    stamps.put(file, stamp(file));
    named.forEach(path -> stamps.put(path, stamp(path)));
    return stamps;
  }

  /** Differs when the file was written in between. */
  static String stamp(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.lastModifiedTime() + "/" + attributes.size() + "/" + attributes.fileKey();
    } catch (IOException gone) {
      return "gone";
    }
  }
}
