package dev.gatehouse.receiver;

import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.VertxInternal;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Somebody's Vert.x, who sees which executors are open, and has no threads for one of them. */
final class WatchedVertx implements AutoCloseable {
  private final Vertx real = Vertx.vertx();
  private final Set<String> open = ConcurrentHashMap.newKeySet();
  private volatile String exhausted = "";

  /** What the receiver is given. */
  Vertx given() {
    return (Vertx)
        Proxy.newProxyInstance(
            WatchedVertx.class.getClassLoader(),
            new Class<?>[] {VertxInternal.class},
            (proxy, method, arguments) ->
                method.getName().equals("createSharedWorkerExecutor")
                    ? executor((String) arguments[0], method, arguments)
                    : call(method, real, arguments));
  }

  private WorkerExecutor executor(String name, Method method, Object[] arguments) throws Throwable {
    if (name.equals(exhausted)) {
      throw new OutOfMemoryError("unable to create native thread");
    }
    WorkerExecutor executor = (WorkerExecutor) call(method, real, arguments);
    open.add(name);
    return (WorkerExecutor)
        Proxy.newProxyInstance(
            WatchedVertx.class.getClassLoader(),
            new Class<?>[] {WorkerExecutor.class},
            (proxy, called, given) -> {
              if (called.getName().equals("close")) {
                open.remove(name);
              }
              return call(called, executor, given);
            });
  }

  private static Object call(Method method, Object on, Object[] arguments) throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** An executor of that name cannot be made from now on. */
  void exhaust(String name) {
    exhausted = name;
  }

  /** The names of the executors that were made and not closed. */
  Set<String> open() {
    return Set.copyOf(open);
  }

  @Override
  public void close() {
    Awaited.get(real.close());
  }
}
