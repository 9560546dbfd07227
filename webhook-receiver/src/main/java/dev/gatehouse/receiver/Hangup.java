package dev.gatehouse.receiver;

import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, where the system has it. Java has no public API for signals: {@code sun.misc.Signal} is
 * in {@code jdk.unsupported}, which a runtime image may lack, so it is looked for and done without.
 */
final class Hangup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

  private final @Nullable Object earlier;

  private Hangup(@Nullable Object earlier) {
    this.earlier = earlier;
  }

  /** Calls back, on a thread of the JVM's, at each SIGHUP until this is closed. */
  static Hangup listen(Runnable action) {
    try {
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              Hangup.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return method.getReturnType() == boolean.class ? Boolean.FALSE : null;
              });
      return new Hangup(install(handler));
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      LOG.debug("no SIGHUP here; a change of the file is seen all the same");
      return new Hangup(null);
    }
  }

  private static Object install(Object handler) throws ReflectiveOperationException {
    Class<?> signalType = Class.forName("sun.misc.Signal");
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    Object hup = signalType.getConstructor(String.class).newInstance("HUP");
    return signalType.getMethod("handle", signalType, handlerType).invoke(null, hup, handler);
  }

  /** Gives the signal back to whoever had it. */
  @Override
  public void close() {
    if (earlier == null) {
      return;
    }
    try {
      install(earlier);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      LOG.debug("SIGHUP stays with a receiver that has stopped");
    }
  }
}
