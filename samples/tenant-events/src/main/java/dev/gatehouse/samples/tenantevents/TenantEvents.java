package dev.gatehouse.samples.tenantevents;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.EventPolicy;
import dev.gatehouse.events.SseHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** A page whose visitors see the orders of their own tenant as they come, and of no other. */
public final class TenantEvents {
  private static final String USAGE = "usage: ./gatehouse sample tenant-events [--port N]";

  private final EventHub hub;
  private final Visitors visitors = new Visitors(InstantSource.system());
  private final AtomicInteger orders = new AtomicInteger();

  private TenantEvents(EventHub hub) {
    this.hub = hub;
  }

  /** Serves until it is stopped. */
  public static void main(String[] args) {
    int port = args.length == 0 ? 8080 : port(args);
    start(Vertx.vertx(), port)
        .onSuccess(server -> System.out.println(invitation(server.actualPort())))
        .onFailure(cause -> exit(1, "cannot listen on port " + port + ": " + cause.getMessage()));
  }

  static Future<HttpServer> start(Vertx vertx, int port) {
    EventHub hub = EventHub.create(vertx, EventLog.inMemory(), EventPolicy.everyoneOfTheTenant());
    Router router = Router.router(vertx);
    new TenantEvents(hub).mount(router);
    return vertx.createHttpServer().requestHandler(router).listen(port, "127.0.0.1");
  }

  private void mount(Router router) {
    router.get("/").handler(ctx -> file(ctx, "index.html", "text/html; charset=utf-8"));
    router.get("/page.js").handler(ctx -> file(ctx, "page.js", "text/javascript; charset=utf-8"));
    router.post().handler(TenantEvents::ownPage);
    router.post("/session/:name").handler(this::signIn);
    router.post("/orders").handler(this::order);
    router.route("/events").handler(SseHandler.builder(hub).principals(visitors::of).build());
  }

  private static void file(RoutingContext ctx, String name, String type) {
    ctx.response()
        .putHeader("Content-Type", type)
        .putHeader("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
        .putHeader("X-Content-Type-Options", "nosniff")
        .sendFile("page/" + name);
  }

  // SameSite keeps other sites from using a session, and not from beginning one; and all ports of
  // a machine are one site. What is no browser does not send this header.
  private static void ownPage(RoutingContext ctx) {
    String site = ctx.request().getHeader("Sec-Fetch-Site");
    if (site == null || site.equals("same-origin") || site.equals("none")) {
      ctx.next();
    } else {
      ctx.response().setStatusCode(403).end();
    }
  }

  private void signIn(RoutingContext ctx) {
    String name = Objects.requireNonNullElse(ctx.pathParam("name"), "");
    boolean known = visitors.signIn(ctx, name);
    ctx.response().setStatusCode(known ? 204 : 404).end();
  }

  // The event's tenant is the visitor's. There is no parameter that could say another.
  private void order(RoutingContext ctx) {
    visitors
        .of(ctx)
        .onSuccess(
            who -> {
              if (who instanceof Authentication.Proven proven) {
                TenantId tenant = proven.principal().tenant().orElseThrow();
                String order = tenant + "-o" + orders.incrementAndGet();
                Event event =
                    Event.of(tenant, "orders.placed", new JsonObject().put("order", order));
                hub.publish(proven.principal(), event)
                    .onSuccess(
                        done -> ctx.response().setStatusCode(done.isAccepted() ? 204 : 503).end())
                    .onFailure(ctx::fail);
              } else {
                ctx.response().setStatusCode(401).end();
              }
            });
  }

  static String invitation(int port) {
    String at = "http://127.0.0.1:" + port;
    return "tenant-events listens on "
        + at
        + "; open it twice, as ann of acme and as gus of globex, or:\n  curl -sc jar -X POST "
        + at
        + "/session/ann && curl -Nsb jar '"
        + at
        + "/events?topic=orders.*' & sleep 1; curl -sb jar -X POST "
        + at
        + "/orders";
  }

  private static int port(String[] args) {
    if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
      exit(0, USAGE + "\n  --port N   where to listen; 0 takes a free port (default 8080)");
    }
    boolean given = args.length == 2 && args[0].equals("--port") && args[1].matches("[0-9]{1,5}");
    int port = given ? Integer.parseInt(args[1]) : -1;
    if (port < 0 || port > 65_535) {
      exit(2, "nothing but --port is known here; it takes a number from 0 to 65535\n" + USAGE);
    }
    return port;
  }

  private static void exit(int status, String message) {
    (status == 0 ? System.out : System.err).println(message);
    System.exit(status);
  }
}
