package dev.gatehouse.webhook;

import io.vertx.core.Context;
import org.jspecify.annotations.Nullable;

/**
 * Tells those requests whose body did not come with their head, once the event loop has handled
 * what it had read.
 *
 * <p>One task looks at all the requests of a context, and most of them have their body by then: a
 * task for each would cost as much as the claim.
 */
final class LateBodies {
  // one line for all the handlers of a context, as many as come and go
  private static final Object KEY = LateBodies.class;

  private LateBodies() {}

  /** A request that may have to wait. */
  abstract static class Reader {
    // who began before it in the same line, until they are all told
    private @Nullable Reader before;

    /** Where it runs. */
    abstract Context context();

    /** Whether its body is still to come. */
    abstract boolean isReading();

    /** Runs on the request's own context, if it is. */
    abstract void waitForBody();
  }

  /** Looks at that request again when its context's present task has ended. */
  static void add(Reader reader) {
    Context context = reader.context();
    @Nullable Line line = context.get(KEY);
    if (line == null) {
      line = new Line();
      context.put(KEY, line);
    }
    line.add(reader, context);
  }

  private static final class Line {
    private @Nullable Reader latest;

    private synchronized void add(Reader reader, Context context) {
      if (latest == null) {
        context.runOnContext(next -> tell());
      }
      reader.before = latest;
      latest = reader;
    }

    private void tell() {
      Reader reader = leave();
      while (reader != null) {
        Reader next = reader.before;
        reader.before = null;
        if (reader.isReading()) {
          Reader late = reader;
          late.context().runOnContext(now -> late.waitForBody());
        }
        reader = next;
      }
    }

    private synchronized @Nullable Reader leave() {
      Reader all = latest;
      latest = null;
      return all;
    }
  }
}
