package dev.gatehouse.events;

import java.util.List;
import java.util.Locale;

/** Whether a client reads event streams, by its {@code Accept} (RFC 9110 §12.5.1). */
final class SseAccept {
  private static final int MAX_RANGES = 50;

  private SseAccept() {}

  /** No header takes anything; a range with a weight of 0 takes nothing. */
  static boolean takesEvents(List<String> headers) {
    if (headers.isEmpty()) {
      return true;
    }
    int best = 0;
    boolean wanted = false;
    for (String header : headers) {
      for (String range : header.split(",", MAX_RANGES)) {
        int precision = precision(range);
        if (precision > best) {
          best = precision;
          wanted = !hasNoWeight(range);
        }
      }
    }
    return wanted;
  }

  private static int precision(String range) {
    String type = range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return switch (type) {
      case "text/event-stream" -> 3;
      case "text/*" -> 2;
      case "*/*" -> 1;
      default -> 0;
    };
  }

  private static boolean hasNoWeight(String range) {
    String[] parts = range.split(";", -1);
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].strip().toLowerCase(Locale.ROOT).matches("q\\s*=\\s*0(\\.0{0,3})?")) {
        return true;
      }
    }
    return false;
  }
}
