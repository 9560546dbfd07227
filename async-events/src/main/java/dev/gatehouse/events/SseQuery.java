package dev.gatehouse.events;

import dev.gatehouse.events.filter.Filter;
import dev.gatehouse.events.filter.FilterException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;

/** What a request asks for; read strictly, and never a tenant. */
sealed interface SseQuery {
  /** Topics, a filter, and where to resume. */
  record Asked(SubscriptionRequest request, boolean resumes) implements SseQuery {}

  /** It cannot be read. */
  record Malformed(String code, String message) implements SseQuery {}

  /** Reads the query, and the header that resumes. */
  static SseQuery of(RoutingContext ctx) {
    List<String> topics;
    List<String> filters;
    try {
      topics = ctx.queryParam("topic");
      filters = ctx.queryParam("filter");
    } catch (RuntimeException unreadable) {
      return new Malformed("malformed_query", "the query cannot be read");
    }
    if (topics.size() != 1 || !TopicPattern.isValid(topics.get(0))) {
      return new Malformed(
          "malformed_topic", "give one 'topic', such as orders.paid, orders.* or orders.>");
    }
    if (filters.size() > 1) {
      return new Malformed("malformed_filter", "give one 'filter' at most");
    }
    SubscriptionRequest request = SubscriptionRequest.of(topics.get(0));
    try {
      return resumed(ctx.request(), filters.isEmpty() ? request : filtered(request, filters));
    } catch (FilterException e) {
      return new Malformed("malformed_filter", Objects.requireNonNull(e.getMessage()));
    }
  }

  private static SubscriptionRequest filtered(SubscriptionRequest request, List<String> filters) {
    return request.filtered(Filter.parse(filters.get(0)));
  }

  // An empty one is what a client without a place sends. Two are no place that was given out.
  private static Asked resumed(HttpServerRequest request, SubscriptionRequest asked) {
    List<String> places = request.headers().getAll("Last-Event-ID");
    if (places.isEmpty() || (places.size() == 1 && places.get(0).isEmpty())) {
      return new Asked(asked, false);
    }
    return new Asked(asked.from(places.size() == 1 ? places.get(0) : ""), true);
  }
}
