package dev.gatehouse.webhook.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.gatehouse.testkit.ClaimsFaultContract;
import dev.gatehouse.testkit.TcpProxy;
import dev.gatehouse.webhook.Claims;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** As a careful operator runs it: what is committed is on the disk. */
final class PostgresqlClaimsFaultTest extends ClaimsFaultContract {
  private static Path folder;
  private static EmbeddedPostgres server;
  private static TcpProxy network;
  private static HikariDataSource throughNetwork;
  private static HikariDataSource direct;
  private static Vertx vertx;
  private static JdbcClaims broken;
  private static JdbcClaims beside;

  @BeforeAll
  static void start(@TempDir Path temporary) throws Exception {
    folder = temporary.resolve("data");
    server = server(0);
    network = TcpProxy.to(server.getPort());
    throughNetwork = Postgresql.pool(network.port(), 4);
    direct = Postgresql.pool(server.getPort(), 4);
    vertx = Vertx.vertx();
    broken = claims(throughNetwork);
    beside = claims(direct);
    beside.createTables().await(20, TimeUnit.SECONDS);
  }

  private static EmbeddedPostgres server(int port) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder)
            .setCleanDataDirectory(false)
            .setPGStartupWait(Duration.ofSeconds(60));
    return port == 0 ? builder.start() : builder.setPort(port).start();
  }

  private static JdbcClaims claims(HikariDataSource pool) {
    return JdbcClaims.postgresql(vertx, pool).workers(4).timeout(Duration.ofSeconds(4)).build();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
    throughNetwork.close();
    direct.close();
    network.close();
    server.close();
  }

  @AfterEach
  void heal() {
    network.heal();
    recovers();
  }

  @Override
  protected TcpProxy network() {
    return network;
  }

  @Override
  protected Claims broken() {
    return broken;
  }

  @Override
  protected Claims beside() {
    return beside;
  }

  @Override
  protected Duration bound() {
    return Duration.ofSeconds(15);
  }

  @Override
  protected void restartServer() {
    try {
      int port = server.getPort();
      server.close();
      server = server(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
