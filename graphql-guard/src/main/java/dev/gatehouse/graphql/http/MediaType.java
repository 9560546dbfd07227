package dev.gatehouse.graphql.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The media types of answers, chosen by {@code Accept} (RFC 9110 §12.5.1). */
enum MediaType {
  /** Of clients from before GraphQL over HTTP: always 200 for what GraphQL itself refuses. */
  JSON("application/json"),
  /** GraphQL over HTTP's own. */
  GRAPHQL_RESPONSE("application/graphql-response+json");

  private static final int MAX_RANGES = 50;
  private static final String EVENTS = "text/event-stream";

  private final String name;

  MediaType(String name) {
    this.name = name;
  }

  String contentType() {
    return name + "; charset=utf-8";
  }

  /** One range of an Accept header, and how much it is wanted. */
  private record Range(String type, double quality) {
    static Optional<Range> of(String text) {
      String[] parts = text.split(";", -1);
      double quality = 1;
      for (int i = 1; i < parts.length; i++) {
        String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
        if (parameter.startsWith("q=")) {
          quality = quality(parameter.substring(2));
        }
      }
      String type = parts[0].strip().toLowerCase(Locale.ROOT);
      return Double.isNaN(quality) ? Optional.empty() : Optional.of(new Range(type, quality));
    }

    private static double quality(String text) {
      return text.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?")
          ? Double.parseDouble(text)
          : Double.NaN;
    }

    /** 3 for this very type, 2 and 1 for a wildcard that covers it, 0 for another. */
    int precision(MediaType wanted) {
      if (type.equals(wanted.name)) {
        return 3;
      }
      return type.equals("application/*") ? 2 : type.equals("*/*") ? 1 : 0;
    }
  }

  /** What to answer with; empty if the client takes none of ours. No header takes any. */
  static Optional<MediaType> accepted(List<String> headers) {
    List<Range> ranges = ranges(headers);
    if (headers.isEmpty()) {
      return Optional.of(JSON);
    }
    double json = quality(ranges, JSON);
    double response = quality(ranges, GRAPHQL_RESPONSE);
    if (json <= 0 && response <= 0) {
      return Optional.empty();
    }
    if (json != response) {
      return Optional.of(json > response ? JSON : GRAPHQL_RESPONSE);
    }
    // named before the other; where neither is, clients of old are meant
    return Optional.of(
        firstNamed(ranges, GRAPHQL_RESPONSE) < firstNamed(ranges, JSON) ? GRAPHQL_RESPONSE : JSON);
  }

  /**
   * Whether the client would rather have an event stream than an answer: clients that can read both
   * name both, and of those that they want as much the first.
   */
  static boolean prefersEvents(List<String> headers) {
    double most = 0;
    boolean isEvents = false;
    for (Range range : ranges(headers)) {
      boolean isStream = range.type.equals(EVENTS);
      boolean isAnswer = range.type.equals(JSON.name) || range.type.equals(GRAPHQL_RESPONSE.name);
      if ((isStream || isAnswer) && range.quality > most) {
        most = range.quality;
        isEvents = isStream;
      }
    }
    return isEvents;
  }

  private static List<Range> ranges(List<String> headers) {
    return headers.stream()
        .flatMap(header -> List.of(header.split(",", MAX_RANGES + 1)).stream())
        .limit(MAX_RANGES)
        .flatMap(text -> Range.of(text).stream())
        .toList();
  }

  private static double quality(List<Range> ranges, MediaType wanted) {
    double quality = 0;
    int precision = 0;
    for (Range range : ranges) {
      int next = range.precision(wanted);
      if (next > precision) {
        precision = next;
        quality = range.quality;
      }
    }
    return quality;
  }

  private static int firstNamed(List<Range> ranges, MediaType wanted) {
    for (int i = 0; i < ranges.size(); i++) {
      if (ranges.get(i).precision(wanted) == 3) {
        return i;
      }
    }
    return Integer.MAX_VALUE;
  }

  /**
   * Whether a request's body is what a browser sends across sites only after asking: JSON, in
   * UTF-8, said once.
   */
  static boolean isJsonRequest(List<String> contentTypes) {
    if (contentTypes.size() != 1) {
      return false;
    }
    String[] parts = contentTypes.get(0).split(";", -1);
    if (!parts[0].strip().equalsIgnoreCase(JSON.name)) {
      return false;
    }
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
      if (!parameter.equals("charset=utf-8") && !parameter.equals("charset=\"utf-8\"")) {
        return false;
      }
    }
    return parts.length <= 2;
  }
}
