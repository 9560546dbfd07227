package dev.gatehouse.samples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What those who tell of an order are answered. */
final class ShopEventsTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static void await(Future<?> future) throws Exception {
    future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void paid_whoseEventIsRefused_fails() throws Exception {
    ShopEvents events = new ShopEvents(vertx);
    Order order = Objects.requireNonNull(new ShopData().order("acme-o1"));
    await(events.paid(order));

    await(events.hub().close());

    assertThat(events.paid(order).failed()).isTrue();
  }

  @Test
  void changes_ofWhatIsNoId_areNoneAndNoFailure() {
    ShopEvents events = new ShopEvents(vertx);
    Principal caller =
        Principal.vouchedBy("test", Principal.Kind.USER, "acme-c1")
            .tenant(TenantId.of("acme"))
            .build();

    for (String id : List.of("", " ", "'", "x".repeat(5_000))) {
      assertThatCode(() -> events.changes(caller, id, order -> null)).doesNotThrowAnyException();
    }
  }
}
