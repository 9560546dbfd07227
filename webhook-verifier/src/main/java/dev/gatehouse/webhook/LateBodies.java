package dev.gatehouse.webhook;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
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
  interface Reader {
    /** Whether its body is still to come. */
    boolean isReading();

    /** Runs on the request's own context, if it is. */
    void waitForBody();
  }

  private record Begun(Reader reader, Context context) {}

  /** Looks at that request again when the context's present task has ended. */
  static void add(Context context, Reader reader) {
    @Nullable Line line = context.get(KEY);
    if (line == null) {
      line = new Line();
      context.put(KEY, line);
    }
    line.add(new Begun(reader, context));
  }

  private static final class Line {
    private List<Begun> begun = new ArrayList<>();
    // to be filled next
    private List<Begun> spare = new ArrayList<>();
    private boolean scheduled;

    private synchronized void add(Begun one) {
      begun.add(one);
      if (!scheduled) {
        one.context.runOnContext(next -> tell());
        scheduled = true;
      }
    }

    private synchronized void tell() {
      scheduled = false;
      List<Begun> all = begun;
      begun = spare;
      spare = all;
      try {
        for (Begun one : all) {
          if (one.reader.isReading()) {
            one.context.runOnContext(next -> one.reader.waitForBody());
          }
        }
      } finally {
        all.clear();
      }
    }
  }
}
