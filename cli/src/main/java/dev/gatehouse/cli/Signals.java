package dev.gatehouse.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** How a process is told to stop: SIGINT and SIGTERM. */
@FunctionalInterface
interface Signals {
  /** Runs that when the process is to stop, in place of the JVM's own exit. */
  void onStop(Runnable stop);

  /** The signals of this process. */
  static Signals ofProcess() {
    return stop -> {
      handle("INT", stop);
      handle("TERM", stop);
    };
  }

  // Java has no API for signals but jdk.unsupported's, which javac does not let us name without a
  // warning. Where it is missing, or a signal is taken (-Xrs), the JVM does what it always does.
  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> answer(self, method, arguments, action));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException | IllegalArgumentException unsupported) {
      return;
    }
  }

  private static Object answer(Object self, Method method, Object[] arguments, Runnable action) {
    return switch (method.getName()) {
      case "handle" -> {
        action.run();
        yield self;
      }
      case "equals" -> self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> "signal handler";
    };
  }
}
