package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.redis.RedisKillSwitches;
import dev.gatehouse.redis.RedisStore;
import dev.gatehouse.testkit.SignedRequests;
import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.jdbc.JdbcClaims;
import dev.gatehouse.webhook.jdbc.TransactionClaims;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;
import redis.embedded.RedisServer;

/** The snippets of docs/webhooks.md on stores of claims. */
final class ClaimsGuideTest {
  private static final String SECRET = "own-github-secret";

  private final Vertx vertx = Vertx.vertx();
  private final InstantSource clock = InstantSource.system();
  private final WebhookVerifier github =
      WebhookVerifier.builder(Schemes.named("github"))
          .secrets(SecretSource.of(Secret.of("k", SECRET)))
          .build();
  private RedisServer redis;
  private String url;
  private JdbcClaims claims;

  @TempDir private Path folder;

  @BeforeEach
  void start() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    redis = RedisServer.newRedisServer().port(port).bind("127.0.0.1").build();
    redis.start();
    url = "redis://127.0.0.1:" + port;
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
    redis.stop();
  }

  @Test
  void redis_store_isMounted() throws Exception {
    // region redis
    Future<Router> ready =
        RedisStore.builder(vertx, url)
            .connect()
            .map(store -> store.claims().retention(Duration.ofDays(4)).build())
            .map(claims -> mount(WebhookHandler.create(github, claims)));
    // endregion
    assertThat(await(ready).getRoutes()).hasSize(1);
  }

  @Test
  void redis_budgetsAndSwitches_areShared() throws Exception {
    RedisStore store = await(RedisStore.builder(vertx, url).connect());
    // region shared
    RateLimiter everywhere = store.rateLimiter("verified", Rate.perSecond(200, 400));
    RateLimiter own = RateLimiter.inMemory(Rate.perSecond(200, 400), 1_000, clock);
    RateLimiter budget = everywhere.orElse(own); // while Redis is away, each node has its own
    KillSwitch doors = KillSwitch.create(clock);
    Future<RedisKillSwitches> panel = store.killSwitches(doors);
    panel.onSuccess(p -> report(p.engage(KillSwitch.Kind.SOURCE, "github", "the key leaked")));
    // endregion
    await(panel);
    assertThat(await(budget.acquire("github", 1)).remaining()).isEqualTo(399);
    assertThat(doors.stops(KillSwitch.Kind.SOURCE, "github")).isTrue();
    await(store.close());
  }

  @Test
  void within_transaction_shipsOnce() throws Exception {
    SQLiteDataSource database = new SQLiteDataSource();
    database.setUrl("jdbc:sqlite:" + folder.resolve("orders.db"));
    claims = JdbcClaims.sqlite(vertx, database, clock).build();
    await(claims.createTables());
    VerifiedWebhook webhook = webhook();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE shipped (one INTEGER)");
      connection.setAutoCommit(false);
      assertThat(once(webhook, connection)).isEqualTo(204);
      assertThat(once(webhook, connection)).isEqualTo(204);
      var shipped = statement.executeQuery("SELECT count(*) FROM shipped");
      assertThat(shipped.getInt(1)).isEqualTo(1);
    }
  }

  // region within
  int once(VerifiedWebhook webhook, Connection connection) throws SQLException {
    TransactionClaims mine = claims.within(connection);
    Claim claim = mine.claim(webhook.claimKey(), webhook.fingerprint(), Duration.ofSeconds(30));
    if (claim instanceof Claim.Duplicate duplicate) {
      return duplicate.answer().status();
    }
    if (!(claim instanceof Claim.New fresh)) {
      return claim instanceof Claim.Conflict ? 409 : 503; // in flight: the sender comes again
    }
    ship(webhook, connection);
    boolean held = mine.complete(webhook.claimKey(), fresh.fence(), ClaimAnswer.of(204));
    if (!held) {
      throw new SQLException("the lease ended first"); // and the caller rolls back
    }
    connection.commit();
    return 204;
  }

  // endregion

  private static void ship(VerifiedWebhook webhook, Connection connection) throws SQLException {
    assertThat(webhook.body().length()).isPositive();
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO shipped VALUES (1)");
    }
  }

  private VerifiedWebhook webhook() {
    Verification outcome =
        github.verify(
            SignedRequests.of("github", SECRET)
                .post("http://x/hooks/github", "{}")
                .toWebhookRequest());
    return ((Verification.Verified) outcome).webhook();
  }

  private Router mount(WebhookHandler handler) {
    Router router = Router.router(vertx);
    router.post("/hooks/github").handler(handler);
    return router;
  }

  private static void report(Future<?> told) {
    told.onFailure(e -> assertThat(e).isNull());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.await(20, TimeUnit.SECONDS);
  }
}
