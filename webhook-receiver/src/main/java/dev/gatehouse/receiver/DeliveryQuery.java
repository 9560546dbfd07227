package dev.gatehouse.receiver;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the query of {@code /api/deliveries}; what is unknown or twice there is refused. */
final class DeliveryQuery {
  private static final Set<String> KNOWN = Set.of("source", "state", "after", "limit");
  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 500;

  private DeliveryQuery() {}

  /**
   * The query, for one delivery more than the limit, which tells whether there is a next page.
   *
   * @throws IllegalArgumentException if a parameter cannot be read; the message names it
   */
  static Inbox.Query read(MultiMap params) {
    check(params, KNOWN);
    return new Inbox.Query(source(params), state(params), after(params), limit(params) + 1);
  }

  static int limit(MultiMap params) {
    String text = params.get("limit");
    if (text == null) {
      return DEFAULT_LIMIT;
    }
    int limit = text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit must be between 1 and " + MAX_LIMIT);
    }
    return limit;
  }

  static boolean wantsBody(MultiMap params) {
    check(params, Set.of("body"));
    String body = params.get("body");
    if (body != null && !body.equals("true") && !body.equals("false")) {
      throw new IllegalArgumentException("body must be true or false");
    }
    return "true".equals(body);
  }

  // No source has such a name, and PostgreSQL takes no text with a NUL.
  private static @Nullable String source(MultiMap params) {
    String source = params.get("source");
    if (source != null && source.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("source must be the name of a source");
    }
    return source;
  }

  private static @Nullable DeliveryState state(MultiMap params) {
    String text = params.get("state");
    if (text == null) {
      return null;
    }
    return DeliveryState.named(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "state must be one of "
                        + String.join(
                            ", ",
                            List.of(DeliveryState.values()).stream()
                                .map(DeliveryState::text)
                                .toList())));
  }

  private static long after(MultiMap params) {
    String text = params.get("after");
    if (text == null) {
      return 0;
    }
    OptionalLong id = DeliveryId.parse(text);
    return id.orElseThrow(() -> new IllegalArgumentException("after must be a delivery's id"));
  }

  private static void check(MultiMap params, Set<String> known) {
    for (String name : params.names()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "unknown parameter; known here: "
                + String.join(", ", known.stream().sorted().toList()));
      }
      if (params.getAll(name).size() > 1) {
        throw new IllegalArgumentException(name + " is given twice");
      }
    }
  }
}
