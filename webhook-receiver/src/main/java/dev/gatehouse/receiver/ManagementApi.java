package dev.gatehouse.receiver;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.RoutingTable.Route;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes of the management port, and their answers. */
final class ManagementApi {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementApi.class);
  private static final int MAX_BODY = 4096;
  private static final int MAX_NAME = 256;
  private static final int STORE_RETRY_SECONDS = 5;
  private static final List<KillSwitch.Kind> ASKED_FOR =
      List.of(KillSwitch.Kind.TENANT, KillSwitch.Kind.KEY, KillSwitch.Kind.SOURCE);

  private final Inbox inbox;
  private final Sources sources;
  private final SharedState shared;
  private final AuditSink auditSink;
  private final Metrics metrics;
  private final Gauges gauges;
  private final BulkReplay bulkReplay;
  private final Reloads reloads;
  private final InstantSource clock;
  private volatile boolean stopping;

  ManagementApi(
      Inbox inbox,
      Sources sources,
      SharedState shared,
      AuditSink auditSink,
      Metrics metrics,
      Gauges gauges,
      Reloads reloads,
      InstantSource clock) {
    this.inbox = inbox;
    this.sources = sources;
    this.shared = shared;
    this.auditSink = auditSink.guarded();
    this.metrics = metrics;
    this.gauges = gauges;
    this.bulkReplay = new BulkReplay(inbox, sources, this.auditSink, clock);
    this.reloads = reloads;
    this.clock = clock;
  }

  void stopping() {
    stopping = true;
  }

  void mountHealth(Router router) {
    router.get("/health/live").handler(ctx -> health(ctx, true, "alive"));
    router.get("/health/ready").handler(this::ready);
  }

  void mount(Router router) {
    router.get("/metrics").handler(this::metrics);
    router.get("/api/deliveries").handler(this::list);
    router
        .post("/api/deliveries/replay")
        .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY))
        .handler(bulkReplay::handle);
    router.get("/api/deliveries/:id").handler(this::show);
    router.post("/api/deliveries/:id/replay").handler(this::replay);
    router.get("/api/sources").handler(this::sources);
    router.post("/api/reload").handler(this::reload);
    router.get("/api/kill-switches").handler(this::switches);
    // a key is named by its source and its id
    for (String path :
        List.of("/api/kill-switches/:kind/:name", "/api/kill-switches/:kind/:source/:name")) {
      router
          .put(path)
          .handler(BodyHandler.create(false).setBodyLimit(MAX_BODY))
          .handler(this::engage);
      router.delete(path).handler(this::release);
    }
  }

  // --- health and metrics

  private void ready(RoutingContext ctx) {
    if (stopping) {
      health(ctx, false, "stopping");
      return;
    }
    inbox.probe().onComplete(up -> health(ctx, up.result(), up.result() ? "ready" : "store down"));
  }

  private static void health(RoutingContext ctx, boolean good, String status) {
    json(ctx, good ? 200 : 503, new JsonObject().put("status", status));
  }

  private void metrics(RoutingContext ctx) {
    Future<Void> fresh = gauges.refresh();
    fresh.onComplete(
        done ->
            ctx.response()
                .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                .end(metrics.scrape()));
  }

  // --- deliveries

  private void list(RoutingContext ctx) {
    try {
      int limit = DeliveryQuery.limit(ctx.queryParams());
      Inbox.Query query = DeliveryQuery.read(ctx.queryParams());
      inbox
          .list(query)
          .onSuccess(found -> json(ctx, 200, DeliveryJson.page(found, limit)))
          .onFailure(ctx::fail);
    } catch (IllegalArgumentException e) {
      refuse(ctx, 400, String.valueOf(e.getMessage()));
    }
  }

  private void show(RoutingContext ctx) {
    OptionalLong id = DeliveryId.parse(param(ctx, "id"));
    boolean body;
    try {
      body = DeliveryQuery.wantsBody(ctx.queryParams());
    } catch (IllegalArgumentException e) {
      refuse(ctx, 400, String.valueOf(e.getMessage()));
      return;
    }
    if (id.isEmpty()) {
      refuseId(ctx);
      return;
    }
    inbox
        .find(id.getAsLong())
        .onFailure(ctx::fail)
        .onSuccess(
            found ->
                found.ifPresentOrElse(
                    delivery -> show(ctx, delivery, body), () -> noSuchDelivery(ctx)));
  }

  private void show(RoutingContext ctx, Delivery delivery, boolean withBody) {
    JsonObject json = DeliveryJson.of(delivery);
    if (!withBody) {
      json(ctx, 200, json);
      return;
    }
    // who read a payload is worth a line, and so is one that cannot be read
    inbox
        .content(delivery.id())
        .onFailure(
            failure -> {
              record(event("read", AuditEvent.Outcome.BROKEN, codeOf(failure)), delivery);
              ctx.fail(failure);
            })
        .onSuccess(
            content -> {
              record("read", delivery);
              json(ctx, 200, DeliveryJson.withContent(json, content));
            });
  }

  private static String codeOf(Throwable failure) {
    if (failure instanceof Vault.SealException sealed) {
      return sealed.keyIsMissing ? "key_missing" : "content_changed";
    }
    return "store_unreachable";
  }

  private void replay(RoutingContext ctx) {
    OptionalLong id = DeliveryId.parse(param(ctx, "id"));
    if (id.isEmpty()) {
      refuseId(ctx);
      return;
    }
    inbox
        .find(id.getAsLong())
        .onFailure(ctx::fail)
        .onSuccess(
            found ->
                found.ifPresentOrElse(
                    delivery -> replay(ctx, delivery), () -> noSuchDelivery(ctx)));
  }

  private void replay(RoutingContext ctx, Delivery delivery) {
    if (delivery.state() == DeliveryState.QUARANTINED) {
      refuse(ctx, 409, "what is quarantined is not replayed: it was not verified");
      return;
    }
    boolean delivers =
        sources.routes().stream()
            .map(Route::source)
            .anyMatch(
                s -> s.name().equals(delivery.source()) && s.enabled() && s.deliver().isPresent());
    if (!delivers) {
      refuse(
          ctx, 409, "source '" + delivery.source() + "' delivers nowhere: configure deliver first");
      return;
    }
    inbox
        .replay(delivery.id(), clock.instant())
        .onFailure(ctx::fail)
        .onSuccess(
            replayed -> {
              if (replayed.isEmpty()) {
                notReplayed(ctx, delivery.id());
                return;
              }
              record("replay", delivery);
              json(ctx, 202, DeliveryJson.of(replayed.get()));
            });
  }

  // Replayed while an attempt is under way it would be delivered twice at once.
  private void notReplayed(RoutingContext ctx, long id) {
    inbox
        .find(id)
        .onFailure(ctx::fail)
        .onSuccess(
            found -> {
              boolean underWay =
                  found.filter(d -> d.state() == DeliveryState.DELIVERING).isPresent();
              refuse(
                  ctx,
                  409,
                  underWay
                      ? "an attempt is under way: replay it when that has ended"
                      : "the content is gone: retention has removed it");
            });
  }

  private static void refuseId(RoutingContext ctx) {
    refuse(ctx, 400, "not a delivery id: they begin with dlv_ and have 13 more characters");
  }

  private static void noSuchDelivery(RoutingContext ctx) {
    refuse(ctx, 404, "no such delivery");
  }

  // --- sources

  private void sources(RoutingContext ctx) {
    JsonArray all = new JsonArray();
    for (Route route : sources.routes()) {
      all.add(SourceJson.of(route, metrics.outcomes(route.source().name())));
    }
    json(ctx, 200, new JsonObject().put("sources", all));
  }

  private void reloaded(RoutingContext ctx) {
    shared
        .announceReload()
        .onSuccess(told -> json(ctx, 200, new JsonObject().put("status", "reloaded")))
        .onFailure(away -> refuse(ctx, 503, "reloaded here; the other receivers were not told"));
  }

  private void reload(RoutingContext ctx) {
    Future<Void> reloaded = reloads.reload();
    reloaded
        .onSuccess(done -> reloaded(ctx))
        .onFailure(
            failure -> {
              boolean told =
                  failure instanceof Problems.InvalidException
                      || failure instanceof IllegalStateException;
              if (told) {
                refuse(ctx, 409, String.valueOf(failure.getMessage()));
              } else {
                ctx.fail(failure);
              }
            });
  }

  // --- kill switches

  private void switches(RoutingContext ctx) {
    JsonArray engaged = new JsonArray();
    shared.killSwitch().engaged().forEach(e -> engaged.add(json(e)));
    json(ctx, 200, new JsonObject().put("killSwitches", engaged));
  }

  private static JsonObject json(KillSwitch.Engaged engaged) {
    return new JsonObject()
        .put("kind", StrictJson.nameOf(engaged.target().kind()))
        .put("name", engaged.target().name())
        .put("reason", engaged.reason())
        .put("since", engaged.since().toString());
  }

  private void engage(RoutingContext ctx) {
    try {
      // to engage what no door here asks for would only look as if something were stopped
      KillSwitch.Kind kind = kind(ctx, ASKED_FOR);
      String name = name(ctx);
      String reason = reason(ctx);
      shared
          .panel()
          .engage(kind, name, reason)
          .onSuccess(engaged -> json(ctx, 200, json(engaged)))
          .onFailure(untold -> refuse(ctx, 503, String.valueOf(untold.getMessage())));
      record("kill", StrictJson.nameOf(kind) + "/" + name);
    } catch (IllegalArgumentException | IllegalStateException e) {
      refuse(ctx, 400, String.valueOf(e.getMessage()));
    }
  }

  private void release(RoutingContext ctx) {
    try {
      // others that share the Redis may have engaged any
      KillSwitch.Kind kind = kind(ctx, List.of(KillSwitch.Kind.values()));
      String name = name(ctx);
      shared
          .panel()
          .release(kind, name)
          .onSuccess(released -> released(ctx, kind, name, released))
          .onFailure(
              away -> refuse(ctx, 503, "it stays engaged: Redis, which the others ask, is away"));
    } catch (IllegalArgumentException e) {
      refuse(ctx, 400, String.valueOf(e.getMessage()));
    }
  }

  private void released(RoutingContext ctx, KillSwitch.Kind kind, String name, boolean released) {
    if (!released) {
      refuse(ctx, 404, "no such kill switch is engaged");
      return;
    }
    record("unkill", StrictJson.nameOf(kind) + "/" + name);
    ctx.response().setStatusCode(204).end();
  }

  private static KillSwitch.Kind kind(RoutingContext ctx, List<KillSwitch.Kind> kinds) {
    String text = param(ctx, "kind");
    return kinds.stream()
        .filter(kind -> StrictJson.nameOf(kind).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "kind must be one of "
                        + String.join(", ", kinds.stream().map(StrictJson::nameOf).toList())));
  }

  private static String name(RoutingContext ctx) {
    String source = ctx.pathParam("source");
    String last = param(ctx, "name");
    String name = source == null ? last : source + "/" + last;
    if (name.isBlank() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException("name must be 1 to 256 characters");
    }
    return name;
  }

  private static String reason(RoutingContext ctx) {
    if (ctx.body() == null || ctx.body().length() <= 0) {
      return "";
    }
    Problems problems = new Problems();
    Object tree;
    try {
      tree = new JsonObject(ctx.body().buffer()).getMap();
    } catch (DecodeException e) {
      throw new IllegalArgumentException(
          "the body must be a JSON object such as {\"reason\":…}", e);
    }
    StrictJson in = StrictJson.object(tree, "", problems);
    String reason = in.string("reason", "");
    in.close();
    problems.throwIfAny();
    return reason.length() > MAX_NAME ? reason.substring(0, MAX_NAME) : reason;
  }

  private static String param(RoutingContext ctx, String name) {
    return Optional.ofNullable(ctx.pathParam(name)).orElse("");
  }

  // --- answers

  private void record(String action, Delivery delivery) {
    record(event(action), delivery);
  }

  private void record(AuditEvent.Builder event, Delivery delivery) {
    auditSink.record(
        event
            .subject(delivery.source())
            .detail("delivery", DeliveryId.format(delivery.id()))
            .build());
  }

  private void record(String action, String subject) {
    auditSink.record(event(action).subject(subject).build());
  }

  private AuditEvent.Builder event(String action) {
    return event(action, AuditEvent.Outcome.ALLOWED, "ok");
  }

  private AuditEvent.Builder event(String action, AuditEvent.Outcome outcome, String code) {
    return AuditEvent.of(clock.instant(), "management", action, outcome, code);
  }

  static void refuse(RoutingContext ctx, int status, String error) {
    json(ctx, status, new JsonObject().put("error", error));
  }

  static void broken(RoutingContext ctx) {
    Throwable failure = ctx.failure();
    if (failure instanceof Vault.SealException sealed) {
      // to ask again would not help; the message holds ids, and nothing of content or key
      refuse(ctx, 409, String.valueOf(sealed.getMessage()));
      return;
    }
    if (failure instanceof StoreException) {
      ctx.response().putHeader("Retry-After", Integer.toString(STORE_RETRY_SECONDS));
      refuse(ctx, 503, "the store cannot be asked now");
      return;
    }
    LOG.error(
        "{} {} failed",
        ctx.request().method(),
        ctx.normalizedPath().toLowerCase(Locale.ROOT),
        failure);
    refuse(ctx, 500, "this failed; the log says why");
  }

  private static void json(RoutingContext ctx, int status, JsonObject body) {
    if (ctx.response().ended()) {
      return;
    }
    ctx.response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(body.toBuffer());
  }
}
