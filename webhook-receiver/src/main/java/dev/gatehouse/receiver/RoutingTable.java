package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.webhook.WebhookVerifier;
import io.vertx.ext.web.Router;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which source a path belongs to; replaced as a whole, so that a request sees one or the other. */
final class RoutingTable {
  /**
   * One source as it is served.
   *
   * @param router verifies, stores and answers
   */
  record Route(Source source, WebhookVerifier verifier, KeyUse keyUse, Router router) {}

  private final List<Route> routes;
  private final Map<String, Router> byPath = new LinkedHashMap<>();

  RoutingTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
    for (Route route : routes) {
      if (route.source().enabled()) {
        byPath.put(route.source().path(), route.router());
      }
    }
  }

  @Nullable Router routerOf(String path) {
    return byPath.get(path);
  }

  List<Route> routes() {
    return routes;
  }
}
