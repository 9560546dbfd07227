package dev.gatehouse.samples.shop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.jwt.DevelopmentTokens;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shop from outside: each of its guarantees by real requests. */
final class ShopTest {
  private static final String PAID = "payment.succeeded";

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private ShopClient shop;
  private String c1;

  @BeforeEach
  void open() throws Exception {
    DevelopmentTokens tokens = DevelopmentTokens.in(folder);
    String secret = Shop.newSecret();
    int port =
        Shop.start(vertx, 0, tokens, secret)
            .toCompletionStage()
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS)
            .actualPort();
    shop = new ShopClient(port, tokens, secret);
    c1 = shop.token("acme-c1");
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static Object data(JsonObject answer, String... path) {
    Object at = answer.getJsonObject("data");
    for (String key : path) {
      at = ((JsonObject) at).getValue(key);
    }
    return at;
  }

  private static String codes(JsonObject answer) {
    JsonArray errors = answer.getJsonArray("errors", new JsonArray());
    return IntStream.range(0, errors.size())
        .mapToObj(i -> errors.getJsonObject(i).getJsonObject("extensions").getString("code"))
        .distinct()
        .collect(Collectors.joining(","));
  }

  // --- who may

  @Test
  void product_isAnybodys() throws Exception {
    JsonObject answer = shop.ask("", "{ product(id: \"p7\") { name priceCents } products { id } }");
    assertThat(answer.containsKey("errors")).isFalse();
    assertThat(data(answer, "product", "name")).isEqualTo("Product 7");
    assertThat((JsonArray) data(answer, "products")).hasSize(10);
  }

  @Test
  void everythingElse_wantsAToken() throws Exception {
    HttpResponse<String> answer = shop.post("", "{ me { id } }", Map.of());
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(codes(new JsonObject(answer.body()))).isEqualTo("UNAUTHENTICATED");
    assertThat(shop.post("not.a.token", "{ product(id: \"p1\") { id } }", Map.of()).statusCode())
        .isEqualTo(401);
  }

  @Test
  void order_isItsCustomers_andOfWhoReadsAll() throws Exception {
    String query = "{ order(id: \"acme-o1\") { id customer { id } products { id } } }";
    assertThat(data(shop.ask(c1, query), "order", "customer", "id")).isEqualTo("acme-c1");
    assertThat(data(shop.ask(shop.token("acme-c2"), query), "order")).isNull();
    String reader = shop.token("acme-c2", "order:read-all");
    assertThat(data(shop.ask(reader, query), "order", "id")).isEqualTo("acme-o1");
    String stranger = shop.token("globex-c1", "order:read-all");
    assertThat(data(shop.ask(stranger, query), "order")).isNull();
  }

  @Test
  void foreignAndMissing_answerByteForByteAlike() throws Exception {
    for (String query :
        new String[] {
          "query($id: ID!) { order(id: $id) { id } }",
          "query($id: ID!) { node(id: $id) { id } }",
          "query($id: ID!) { nodes(ids: [$id, \"acme-o1\"]) { id } }"
        }) {
      String foreign = shop.post(c1, query, Map.of("id", "globex-o1")).body();
      String anothers = shop.post(c1, query, Map.of("id", "acme-o2")).body();
      String missing = shop.post(c1, query, Map.of("id", "acme-o999")).body();
      assertThat(foreign).isEqualTo(missing);
      assertThat(anothers).isEqualTo(missing);
    }
  }

  @Test
  void lists_holdWhatTheirReaderMaySee_andNoGaps() throws Exception {
    JsonObject answer =
        shop.ask(
            c1,
            "{ orders(first: 3) { nodes { id } nextCursor } search(text: \"o1\") { __typename } }");
    assertThat(answer.containsKey("errors")).isFalse();
    assertThat(((JsonArray) data(answer, "orders", "nodes")).encode())
        .isEqualTo("[{\"id\":\"acme-o1\"},{\"id\":\"acme-o11\"},{\"id\":\"acme-o21\"}]");
    String next = (String) data(answer, "orders", "nextCursor");
    JsonObject rest =
        shop.ask(c1, "{ orders(first: 3, after: \"" + next + "\") { nodes { id } nextCursor } }");
    assertThat(((JsonArray) data(rest, "orders", "nodes")).encode())
        .isEqualTo("[{\"id\":\"acme-o31\"},{\"id\":\"acme-o41\"}]");
    assertThat(data(rest, "orders", "nextCursor")).isNull();
  }

  @Test
  void list_whoseOptionalArgumentsAreNull_isTheOneWithoutThem() throws Exception {
    JsonObject answer =
        shop.ask(c1, "{ orders(first: 1, after: null, where: null) { nodes { id } } }");
    assertThat(answer.containsKey("errors")).isFalse();
    assertThat(((JsonArray) data(answer, "orders", "nodes")).encode())
        .isEqualTo("[{\"id\":\"acme-o1\"}]");
  }

  @Test
  void email_isMaskedWithoutTheScope() throws Exception {
    assertThat(data(shop.ask(c1, "{ me { email } }"), "me", "email")).isEqualTo("***");
    String clerk = shop.token("acme-c1", "customer:pii");
    assertThat(data(shop.ask(clerk, "{ me { email } }"), "me", "email"))
        .isEqualTo("acme-c1@mail.example");
  }

  @Test
  void notes_areForbiddenWithoutTheScope_alsoAsAFilter() throws Exception {
    JsonObject read = shop.ask(c1, "{ order(id: \"acme-o1\") { id internalNotes } }");
    assertThat(codes(read)).isEqualTo("FORBIDDEN");
    assertThat(data(read, "order", "id")).isEqualTo("acme-o1");
    assertThat(data(read, "order", "internalNotes")).isNull();
    String filtered = "query($w: OrderFilter) { orders(first: 1, where: $w) { nodes { id } } }";
    Map<String, Object> where = Map.of("w", Map.of("notesContain", "back office"));
    assertThat(codes(new JsonObject(shop.post(c1, filtered, where).body()))).isEqualTo("FORBIDDEN");
    String office = shop.token("acme-c1", "order:internal");
    JsonObject allowed = new JsonObject(shop.post(office, filtered, where).body());
    assertThat(allowed.containsKey("errors")).isFalse();
  }

  @Test
  void cancel_withoutTheScopeOrOfAnothersOrder_changesNothing() throws Exception {
    String both =
        "mutation { a: cancelOrder(id: \"acme-o1\") { id } b: cancelOrder(id: \"acme-o11\") { id internalNotes } }";
    String writer = shop.token("acme-c1", "order:write");
    assertThat(codes(shop.ask(c1, "mutation { cancelOrder(id: \"acme-o1\") { id } }")))
        .isEqualTo("FORBIDDEN");
    assertThat(codes(shop.ask(writer, both))).isEqualTo("FORBIDDEN");
    for (String foreign : new String[] {"acme-o2", "globex-o1", "acme-o999"}) {
      JsonObject answer =
          shop.ask(writer, "mutation { cancelOrder(id: \"" + foreign + "\") { id } }");
      assertThat(answer.encode()).isEqualTo("{\"data\":{\"cancelOrder\":null}}");
    }
    String all = "{ orders(first: 50, where: { status: CANCELLED }) { nodes { id } } }";
    for (String tenant : new String[] {"acme", "globex"}) {
      String reader = shop.token(tenant + "-c3", "order:read-all");
      assertThat((JsonArray) data(shop.ask(reader, all), "orders", "nodes")).isEmpty();
    }
  }

  @Test
  void cancel_ofTheOwnOrder_isDone() throws Exception {
    String writer = shop.token("acme-c1", "order:write");
    JsonObject answer = shop.ask(writer, "mutation { cancelOrder(id: \"acme-o1\") { status } }");
    assertThat(data(answer, "cancelOrder", "status")).isEqualTo("CANCELLED");
    assertThat(data(shop.ask(c1, "{ order(id: \"acme-o1\") { status } }"), "order", "status"))
        .isEqualTo("CANCELLED");
  }

  // --- how much

  @Test
  void limits_areThoseOfTheContract() throws Exception {
    String deep =
        "{ product(id: \"p1\") " + "{ related(first: 1) ".repeat(11) + "{ id }" + "}".repeat(12);
    assertThat(codes(shop.ask("", deep))).isEqualTo("DEPTH_LIMIT");
    String aliases =
        IntStream.range(0, 16).mapToObj(i -> "a" + i + ": id").collect(Collectors.joining(" "));
    assertThat(codes(shop.ask("", "{ product(id: \"p1\") { " + aliases + " } }")))
        .isEqualTo("ALIAS_LIMIT");
    String roots =
        IntStream.range(0, 11)
            .mapToObj(i -> "r" + i + ": product(id: \"p1\") { id }")
            .collect(Collectors.joining(" "));
    assertThat(codes(shop.ask("", "{ " + roots + " }"))).contains("ROOT_FIELD_LIMIT");
    assertThat(codes(shop.ask(c1, "{ orders(first: 2000) { nodes { id } } }")))
        .isEqualTo("COST_LIMIT");
    assertThat(codes(shop.ask(c1, "{ orders(first: -1) { nodes { id } } }")))
        .isEqualTo("SLICING_ARGUMENT_REQUIRED");
  }

  @Test
  void callerWhoSpentItsBucket_waits_andNobodyElseDoes() throws Exception {
    String dear = "{ products(first: 100) { related(first: 5) { id } } }"; // 600 points, all used
    String two = shop.token("acme-c2");
    HttpResponse<String> last = null;
    for (int i = 0; i < 40 && (last == null || last.statusCode() == 200); i++) {
      last = shop.post(two, dear, Map.of());
    }
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(last.headers().firstValue("Retry-After")).isPresent();
    assertThat(codes(new JsonObject(last.body()))).isEqualTo("RATE_LIMITED");
    assertThat(shop.post(c1, dear, Map.of()).statusCode()).isEqualTo(200);
  }

  // --- a payment

  @Test
  void payment_reachesItsTenantsSubscriberOnBothDoors_andNobodyElse() throws Exception {
    String changes = "subscription { orderChanged { id status } }";
    ShopClient.Lines socket = shop.subscribe(c1, changes);
    ShopClient.Lines stream = shop.events(c1, "orders.*");
    ShopClient.Lines otherCustomer = shop.events(shop.token("acme-c2"), "orders.*");
    ShopClient.Lines otherTenant =
        shop.events(shop.token("globex-c1", "order:read-all"), "orders.*");
    ShopClient.Lines otherSocket =
        shop.subscribe(shop.token("globex-c1", "order:read-all"), changes);
    assertThat(stream.status).isEqualTo(200);

    assertThat(shop.pay("acme", "acme-o1", PAID, true)).isEqualTo(204);
    assertThat(socket.until("\"next\"")).contains("acme-o1").contains("PAID");
    assertThat(stream.until("data:")).contains("acme-o1");
    // what comes after proves that the one before did not
    assertThat(shop.pay("acme", "acme-o2", PAID, true)).isEqualTo(204);
    assertThat(shop.pay("globex", "globex-o1", PAID, true)).isEqualTo(204);
    assertThat(otherCustomer.until("data:")).contains("acme-o2");
    assertThat(otherTenant.until("data:")).contains("globex-o1");
    assertThat(otherSocket.until("\"next\"")).contains("globex-o1");
    assertThat(String.join("\n", stream.rest())).doesNotContain("acme-o2", "globex");
  }

  @Test
  void events_byAnotherMethod_areRefusedAsTheDoorSaysIt() throws Exception {
    for (String method : List.of("HEAD", "POST", "OPTIONS", "DELETE")) {
      HttpResponse<String> answer = shop.events(method);

      assertThat(answer.statusCode()).as(method).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).as(method).contains("GET");
      if (!method.equals("HEAD")) {
        assertThat(answer.body()).contains("\"error\":\"method_not_allowed\"");
      }
    }
  }

  @Test
  void payment_thatIsNotUnderstood_isAcknowledgedAndChangesNothing() throws Exception {
    assertThat(shop.pay("acme", "globex-o1", PAID, true)).isEqualTo(204);
    assertThat(shop.pay("acme", "acme-o999", PAID, true)).isEqualTo(204);
    assertThat(shop.pay("acme", "acme-o1", "payment.failed", true)).isEqualTo(204);
    assertThat(shop.pay("m1", "not json")).isEqualTo(204);
    for (String tenant : new String[] {"acme", "globex"}) {
      String reader = shop.token(tenant + "-c3", "order:read-all");
      JsonObject paid =
          shop.ask(reader, "{ orders(first: 50, where: { status: PAID }) { nodes { id } } }");
      assertThat((JsonArray) data(paid, "orders", "nodes")).isEmpty();
    }
  }

  @Test
  void payment_unsigned_isRefused_andAnotherUnderAKnownIdConflicts() throws Exception {
    String body =
        "{\"type\":\"" + PAID + "\",\"data\":{\"tenant\":\"acme\",\"order\":\"acme-o1\"}}";
    assertThat(shop.pay("acme", "acme-o1", PAID, false)).isIn(400, 401);
    assertThat(shop.pay("m1", body)).isEqualTo(204);
    assertThat(shop.pay("m1", body)).isEqualTo(204);
    assertThat(shop.pay("m1", body.replace("acme-o1", "acme-o2"))).isEqualTo(409);
    assertThat(
            data(
                shop.ask(shop.token("acme-c2"), "{ order(id: \"acme-o2\") { status } }"),
                "order",
                "status"))
        .isEqualTo("OPEN");
  }
}
