package dev.gatehouse.receiver;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.receiver.ReceiverConfig.Limits;
import dev.gatehouse.receiver.ReceiverConfig.Published;
import dev.gatehouse.receiver.ReceiverConfig.Quarantine;
import dev.gatehouse.receiver.ReceiverConfig.Server;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.RoutingTable.Route;
import dev.gatehouse.webhook.BodyBudget;
import dev.gatehouse.webhook.SubscriptionConfirmer;
import dev.gatehouse.webhook.TrustedProxies;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.keys.KeyFetching;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The sources that are served at this moment: {@link #serve} swaps all of them at once, and
 * requests under way end as they began.
 */
final class Sources implements Handler<HttpServerRequest> {
  private static final int PEERS = 100_000;
  private static final Duration HANDLER_TIMEOUT = Duration.ofSeconds(30);
  private static final String UNKNOWN = "unknown";

  /** What all sources share. */
  record Surroundings(
      Vertx vertx,
      Server server,
      Inbox inbox,
      SharedState shared,
      AuditSink auditSink,
      Metrics metrics,
      InstantSource clock,
      Optional<Quarantine> quarantine) {}

  private record LimiterKey(String source, Limits limits) {
    boolean isOf(Source candidate) {
      return candidate.name().equals(source) && candidate.limits().equals(limits);
    }
  }

  private record Limiters(RateLimiter failures, @Nullable RateLimiter verified) {}

  private final Surroundings around;
  private final BodyBudget budget;
  private final TrustedProxies proxies;
  private final UnknownSource nobody;
  private final Handler<HttpServerRequest> unknown;
  private final Map<LimiterKey, Limiters> limiters = new ConcurrentHashMap<>();
  private final Map<String, KeyUse> keyUse = new ConcurrentHashMap<>();
  // Kept over reloads, so that a change elsewhere in the file fetches no key again.
  private final Map<Published, KeySource> keySources = new ConcurrentHashMap<>();
  private final AtomicReference<RoutingTable> table =
      new AtomicReference<>(new RoutingTable(List.of()));

  private @Nullable SubscriptionConfirmer confirmer;

  Sources(Surroundings around) {
    this.around = around;
    this.budget = BodyBudget.ofBytes(around.server().maxBodiesInFlight());
    this.proxies = TrustedProxies.of(around.server().trustedProxies());
    this.nobody = new UnknownSource(around);
    this.unknown = around.server().hideSources() ? decoy() : nobody;
  }

  /**
   * Serves these from the next request on.
   *
   * @throws IllegalArgumentException if a verifier cannot be made; nothing changes then
   */
  void serve(List<Source> sources) {
    List<Route> routes = new ArrayList<>();
    for (Source source : sources) {
      WebhookVerifier verifier =
          Verifiers.build(source, around.clock(), keysOf(source), this::confirmer);
      KeyUse use = keyUse.computeIfAbsent(source.name(), name -> new KeyUse());
      InboxHandler store =
          new InboxHandler(source, around.inbox(), around.clock(), around.metrics(), use);
      routes.add(
          new Route(source, verifier, use, router(handler(source, verifier), store, source)));
    }
    table.set(new RoutingTable(routes));
    limiters.keySet().removeIf(key -> sources.stream().noneMatch(key::isOf));
    keySources
        .keySet()
        .removeIf(
            at -> sources.stream().noneMatch(s -> s.published().filter(at::equals).isPresent()));
  }

  private @Nullable KeySource keysOf(Source source) {
    return source
        .published()
        .map(place -> keySources.computeIfAbsent(place, this::keySource))
        .orElse(null);
  }

  private KeySource keySource(Published place) {
    return KeySource.published(
        around.vertx(),
        place.location(),
        KeyFetching.builder()
            .allowInsecureLoopback(place.allowInsecureKeyUrl())
            .allowPrivateAddresses(place.allowPrivate())
            .clock(around.clock())
            .build());
  }

  // One for all sources, so that its bound on calls is one too; it is closed with its Vertx.
  private synchronized SubscriptionConfirmer confirmer() {
    if (confirmer == null) {
      confirmer = SubscriptionConfirmer.create(around.vertx());
    }
    return confirmer;
  }

  BodyBudget budget() {
    return budget;
  }

  List<Route> routes() {
    return table.get().routes();
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (UnknownSource.namesNoHost(request)) {
      nobody.namedNoHost(request);
      return;
    }
    String path = request.path();
    Router router = path == null ? null : table.get().routerOf(path);
    if (router == null) {
      unknown.handle(request);
    } else {
      router.handle(request);
    }
  }

  private Router router(WebhookHandler verify, Handler<RoutingContext> store, Source source) {
    Router router = Router.router(around.vertx());
    if (around.server().hideSources() && !source.tellReasons()) {
      router.route().handler(Sources::hide);
    }
    router.route().handler(verify).handler(store);
    return router;
  }

  // What is malformed for one scheme is not for another: a 400 would tell that there is a source.
  private static void hide(RoutingContext ctx) {
    ctx.addHeadersEndHandler(
        head -> {
          if (ctx.response().getStatusCode() == 400) {
            ctx.response().setStatusCode(401);
          }
        });
    ctx.next();
  }

  private WebhookHandler handler(Source source, WebhookVerifier verifier) {
    Limiters limits =
        limiters.computeIfAbsent(
            new LimiterKey(source.name(), source.limits()),
            key -> limiters(key.source(), key.limits()));
    WebhookHandler.Builder builder =
        WebhookHandler.builder(verifier)
            .dangerouslySkipClaims() // the inbox claims and stores in one transaction
            .maxBodyBytes(source.maxBodyBytes())
            .bodyTimeout(source.bodyTimeout())
            .bodyBudget(budget)
            .handlerTimeout(HANDLER_TIMEOUT)
            .failureLimiter(limits.failures())
            .trustedProxies(proxies)
            .killSwitch(around.shared().killSwitch())
            .auditSink(around.auditSink())
            .observer(around.metrics()::ended)
            .mode(source.mode())
            .tellReasons(source.tellReasons())
            .clock(around.clock());
    if (limits.verified() != null) {
      builder.verifiedLimiter(limits.verified());
    }
    around
        .quarantine()
        .filter(bounds -> bounds.covers(source.name()))
        .map(bounds -> new QuarantineDesk(source, bounds, around.inbox(), around.clock()))
        .ifPresent(builder::evidence);
    source.publicUrl().ifPresent(builder::publicUrl);
    return builder.build();
  }

  private Limiters limiters(String source, Limits limits) {
    RateLimiter failures =
        around
            .shared()
            .limiter("failed:" + source, Rate.perMinute(limits.failuresPerMinute()), PEERS);
    if (limits.requestsPerSecond().isEmpty()) {
      return new Limiters(failures, null);
    }
    Rate rate = Rate.perSecond(limits.requestsPerSecond().getAsInt(), limits.burst());
    return new Limiters(failures, around.shared().limiter("verified:" + source, rate, 1));
  }

  // A source that nobody knows the secret of: it reads, computes and answers as any other does.
  private Handler<HttpServerRequest> decoy() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("github"))
            .source(UNKNOWN)
            .secrets(SecretSource.of(Secret.of(UNKNOWN, HexFormat.of().formatHex(secret))))
            .clock(around.clock())
            .build();
    Router router = Router.router(around.vertx());
    router.route().handler(Sources::hide);
    router
        .route()
        .handler(
            WebhookHandler.builder(verifier)
                .dangerouslySkipClaims()
                .bodyBudget(budget)
                .failureLimiter(RateLimiter.inMemory(Rate.perMinute(600), PEERS, around.clock()))
                .trustedProxies(proxies)
                .auditSink(around.auditSink())
                .observer(around.metrics()::ended)
                .clock(around.clock())
                .build());
    return router;
  }
}
