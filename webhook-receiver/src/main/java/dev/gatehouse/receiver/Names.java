package dev.gatehouse.receiver;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks names up with the system's resolver, on threads of its own, and each name once at a time: a
 * name server that hangs for one destination keeps one thread, and nobody else waits for it.
 */
final class Names implements Destination.Resolver {
  private static final int THREADS = 32;

  private final WorkerExecutor workers;
  private final Map<String, Future<List<InetAddress>>> underWay = new ConcurrentHashMap<>();

  private Names(WorkerExecutor workers) {
    this.workers = workers;
  }

  static Names system(Vertx vertx) {
    return new Names(vertx.createSharedWorkerExecutor("gatehouse-names", THREADS));
  }

  @Override
  public Future<List<InetAddress>> resolve(String name) {
    Future<List<InetAddress>> mine = underWay.computeIfAbsent(name, this::lookUp);
    mine.onComplete(done -> underWay.remove(name, mine));
    return mine;
  }

  private Future<List<InetAddress>> lookUp(String name) {
    return workers.executeBlocking(() -> List.of(InetAddress.getAllByName(name)), false);
  }

  @Override
  public Future<Void> close() {
    return workers.close();
  }
}
