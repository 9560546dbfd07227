package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails within somebody's Vert.x, which goes on, leaves it as it was. */
class FailedStartTest {
  private static final String KAFKA =
      "deliver:\n  kafka: { bootstrap: \"127.0.0.1:9\", topic: t }\n";

  @TempDir Path folder;
  private final WatchedVertx vertx = new WatchedVertx();
  private final Set<Thread> before = threads();

  @AfterEach
  void close() {
    vertx.close();
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("gatehouse-"))
        .collect(Collectors.toSet());
  }

  private Fixture start(String yaml) {
    return Fixture.start(folder, yaml, builder -> builder.vertx(vertx.given()));
  }

  private void assertNothingIsLeft() {
    assertThat(vertx.open()).isEmpty();
    Awaited.until("no thread", () -> before.containsAll(threads()));
    try (Fixture second = start(Fixture.yaml(""))) {
      assertThat(second.send("m", "{}").statusCode()).isEqualTo(204);
    }
    assertThat(vertx.open()).as("after the stop").isEmpty();
  }

  @Test
  void start_onAManagementPortThatIsTaken_leavesNothing() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = "management: { port: " + taken.getLocalPort() + " }";
      String yaml = Fixture.yaml(KAFKA).replace("management: { port: 0 }", port);

      assertThatThrownBy(() -> start(yaml)).hasRootCauseInstanceOf(java.net.BindException.class);
    }
    assertNothingIsLeft();
  }

  @Test
  void start_whoseDestinationBreaksWithAnError_leavesNothing() {
    vertx.exhaust("gatehouse-kafka-hook");
    assertThatThrownBy(() -> start(Fixture.yaml(KAFKA)))
        .hasStackTraceContaining("unable to create native thread");

    assertNothingIsLeft();
  }

  @Test
  void start_withoutAThreadToReadTheFileAgain_leavesNothing() {
    vertx.exhaust("gatehouse-reload");
    assertThatThrownBy(() -> start(Fixture.yaml("")))
        .hasStackTraceContaining("unable to create native thread");

    vertx.exhaust("");
    assertNothingIsLeft();
  }

  @Test
  void start_withAKeyOfTheStoreMissing_leavesNothing() {
    String key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    String sealed =
        Fixture.yaml("")
            .replace(
                "inbox.db }",
                "inbox.db, encryption: { keys: [{ id: k, value: \"" + key + "\" }] } }");
    try (Fixture it = start(sealed)) {
      assertThat(it.send("first", "{}").statusCode()).isEqualTo(204);
    }
    assertThatThrownBy(() -> start(Fixture.yaml(""))).hasStackTraceContaining("add it again");

    assertThat(vertx.open()).isEmpty();
    Awaited.until("no thread", () -> before.containsAll(threads()));
    start(sealed).close();
  }
}
