package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditSink;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is asked about the objects that a mutation names, before it runs. */
class ActedObjectsTest {
  private static final String LOG = "mutation { log(line: \"acme-o2\") }";

  private final Promise<Object> found = Promise.promise();
  private final AuditSink.InMemory audit = AuditSink.inMemory(10);

  /** A shop whose mutation waits for its object to be found. */
  private Shop waiting(Duration timeout) {
    return new Shop(
        guard ->
            guard
                .audit(audit)
                .policies(Policies.of(PolicyDecisionPoint.of(Map.of())).timeout(timeout))
                .access(
                    AccessRules.builder()
                        .actsOn("Mutation.log", "line", "Order", id -> found.future())
                        .build()));
  }

  @Test
  void mutation_whoseObjectIsNotFoundInTime_isRefusedAndNeverRuns() throws Exception {
    Shop shop = waiting(Duration.ofMillis(50));

    ExecutionResult result =
        shop.graphql.executeAsync(Shop.input(ann(), LOG, Map.of())).get(10, TimeUnit.SECONDS);
    found.complete(shop.byId.get("acme-o2"));

    assertThat(codes(result)).containsExactly("FORBIDDEN");
    assertThat(result.<Object>getData()).isEqualTo(Collections.singletonMap("log", null));
    assertThat(audit.events().get(0).toString()).contains("BROKEN");
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void mutation_cancelledWhileItsObjectIsLookedUp_neverRuns() {
    Shop shop = waiting(Duration.ofSeconds(30));
    ExecutionInput input = Shop.input(ann(), LOG, Map.of());

    CompletableFuture<ExecutionResult> result = shop.graphql.executeAsync(input);
    assertThat(result).isNotDone();
    input.cancel();
    found.complete(shop.byId.get("acme-o2"));

    assertThat(result).isDone();
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void mutation_whoseObjectIsFoundLater_runs() {
    Shop shop = waiting(Duration.ofSeconds(30));

    CompletableFuture<ExecutionResult> result =
        shop.graphql.executeAsync(Shop.input(ann(), LOG, Map.of()));
    found.complete(shop.byId.get("acme-o2"));

    assertThat(result.join().getErrors()).isEmpty();
    assertThat(shop.ran).containsExactly("log");
  }
}
