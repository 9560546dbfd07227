package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What came with a webhook and cannot be sent on is no fault of the destination's. */
class UnsendableHeaderTest {
  @TempDir Path folder;
  private final Target target = Target.start();

  @AfterEach
  void close() {
    target.close();
  }

  @Test
  void header_thatTheClientWouldNotSend_isLeftOutAndTheDeliveryArrives() throws Exception {
    String yaml =
        Fixture.yaml(
            "deliver:\n  to: \""
                + target.url()
                + "\"\n  retry: { attempts: 3, firstDelay: 1ms, maxDelay: 1ms }\n"
                + "  circuit: { failures: 1, openFor: 1h, maxOpenFor: 1h }\n");
    target.then(500);
    try (Fixture it = Fixture.start(folder, yaml)) {
      it.send("m", "{}");
      target.next();
      String id = it.deliveries().get(0).getString("id");
      it.awaitState(id, "retrying");
      // the circuit hears of it when it has been recorded: by the clock as it stands now
      Awaited.until(
          "the circuit is open",
          () -> it.running().dispatcher().circuits().get("hook") == Circuit.State.OPEN);
      rewrite(
          "UPDATE deliveries SET content_type = 'a' || char(13) || 'b', headers ="
              + " '{\"X-Bad\":\"a\\r\\nb: c\",\"X-Good\":\"1\"}'");
      it.clock.advance(Duration.ofHours(1));
      it.send("n", "{}"); // wakes its lane

      Target.Got again = next(id);
      assertThat(again.headers().get("X-Good")).isEqualTo("1");
      assertThat(again.headers().contains("X-Bad")).isFalse();
      assertThat(again.headers().contains("b")).isFalse();
      it.awaitState(id, "delivered");
    }
  }

  private Target.Got next(String id) throws InterruptedException {
    Target.Got got = target.next();
    return id.equals(got.headers().get("Gatehouse-Delivery")) ? got : next(id);
  }

  private void rewrite(String sql) throws Exception {
    String url = "jdbc:sqlite:" + folder.resolve("data/inbox.db");
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.executeUpdate(sql);
    }
  }
}
