package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MicrometerObserverTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void meters_ofManyCallersAndNames_haveFewTags() {
    try (Door door =
        Door.with()
            .service(builder -> builder.observer(MicrometerObserver.create(registry)))
            .open()) {
      for (int i = 0; i < 30; i++) {
        String name = String.format(Locale.ROOT, "Name%d", i);
        Call.to(door).bearer(door.token("user" + i, "acme")).query("query " + name + " { hello }");
        Call.to(door).query("{ field" + i + " }");
      }
      SocketClient client = SocketClient.ready(door);
      client.subscribe("1", "subscription { ticks { number } }");
      for (int i = 0; i < 6; i++) {
        client.next();
      }
      assertThat(gauge("websocket")).isEqualTo(1);
      assertThat(
              registry
                  .get("gatehouse.graphql.events")
                  .tag("transport", "websocket")
                  .counter()
                  .count())
          .isEqualTo(5);
      client.close();
      Eventually.holds(() -> gauge("websocket") == 0);
    }
    assertThat(
            registry
                .get("gatehouse.graphql.operations")
                .tag("kind", "query")
                .tag("outcome", "ok")
                .timer()
                .count())
        .isEqualTo(30);
    Set<Tag> tags =
        registry.getMeters().stream()
            .flatMap(meter -> meter.getId().getTags().stream())
            .collect(Collectors.toSet());
    assertThat(tags).hasSizeLessThan(12);
  }

  private double gauge(String transport) {
    return registry
        .get("gatehouse.graphql.connections")
        .tag("transport", transport)
        .gauge()
        .value();
  }
}
