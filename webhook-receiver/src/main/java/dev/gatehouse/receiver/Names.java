package dev.gatehouse.receiver;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks names up with the system's resolver, on threads of its own, and each name once at a time: a
 * name server that hangs for one destination keeps one thread, and nobody else waits for it.
 */
final class Names implements Destination.Resolver {
  // One for each name that hangs, not a few for all: names are the operator's, and so are counted.
  private static final int MAX_THREADS = 1024;
  private static final long IDLE_SECONDS = 30;

  /** Looks a name up; may take as long as it likes. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] of(String name) throws UnknownHostException;
  }

  private final Vertx vertx;
  private final Lookup lookup;
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0, MAX_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), Names::thread);
  private final Map<String, Future<List<InetAddress>>> underWay = new ConcurrentHashMap<>();

  Names(Vertx vertx, Lookup lookup) {
    this.vertx = vertx;
    this.lookup = lookup;
  }

  static Names system(Vertx vertx) {
    return new Names(vertx, InetAddress::getAllByName);
  }

  private static Thread thread(Runnable run) {
    Thread thread = new Thread(run, "gatehouse-names");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public Future<List<InetAddress>> resolve(String name) {
    Future<List<InetAddress>> mine = underWay.computeIfAbsent(name, this::lookUp);
    mine.onComplete(done -> underWay.remove(name, mine));
    return mine;
  }

  private Future<List<InetAddress>> lookUp(String name) {
    Context context = vertx.getOrCreateContext();
    Promise<List<InetAddress>> found = Promise.promise();
    try {
      threads.execute(
          () -> {
            Future<List<InetAddress>> answer = ask(name);
            context.runOnContext(now -> answer.onComplete(found));
          });
    } catch (RejectedExecutionException full) {
      found.fail(full);
    }
    return found.future();
  }

  private Future<List<InetAddress>> ask(String name) {
    try {
      return Future.succeededFuture(List.of(lookup.of(name)));
    } catch (UnknownHostException | RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  @Override
  public Future<Void> close() {
    threads.shutdownNow();
    return Future.succeededFuture();
  }
}
