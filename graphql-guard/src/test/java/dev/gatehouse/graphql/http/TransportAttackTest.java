package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.Limits;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each attack on the transport, sent over real HTTP. */
class TransportAttackTest {
  private Door door = Door.open();

  @AfterEach
  void close() {
    door.close();
  }

  private void reopen(Door.Setup setup) {
    door.close();
    door = setup.open();
  }

  private void assertNothingRan() {
    assertThat(door.hellos).hasValue(0);
    assertThat(door.added).hasValue(0);
  }

  @Test
  void variables_nestedDeep_areRefused() {
    String lists = "[".repeat(5_000) + "]".repeat(5_000);
    String objects = "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000);
    for (String value : List.of(lists, objects)) {
      HttpResponse<String> response =
          Call.to(door)
              .post(
                  "{\"query\":\"query($v: Anything) { echo(value: $v) hello }\",\"variables\":{\"v\":"
                      + value
                      + "}}");
      assertThat(response.statusCode()).isEqualTo(400);
    }
    HttpResponse<String> overLimit =
        Call.to(door)
            .post(
                "{\"query\":\"query($v: Anything) { echo(value: $v) hello }\",\"variables\":{\"v\":"
                    + "[".repeat(100)
                    + "]".repeat(100)
                    + "}}");
    assertThat(Call.code(overLimit)).isEqualTo("DEPTH_LIMIT");
    assertNothingRan();
  }

  @Test
  void strings_ofTenMegabytes_areRefusedByTheBodysSize() {
    HttpResponse<String> response =
        Call.to(door)
            .post(
                "{\"query\":\"query($v: Anything) { hello }\",\"variables\":{\"v\":\""
                    + "x".repeat(10 << 20)
                    + "\"}}");
    assertThat(response.statusCode()).isEqualTo(413);
    assertNothingRan();
  }

  @Test
  void body_thatIsChunkedWithoutEnd_isRefusedAtItsLimit() throws Exception {
    reopen(Door.with().http(builder -> builder.maxBodyBytes(10_000)));
    try (RawHttp raw = RawHttp.open(door)) {
      raw.write(RawHttp.head("Content-Type: application/json", "Transfer-Encoding: chunked"));
      raw.write("3000\r\n" + " ".repeat(0x3000) + "\r\n");
      assertThat(raw.status()).contains("413");
    }
    assertNothingRan();
  }

  @Test
  void body_thatComesSlowly_isRefusedInTime() throws Exception {
    reopen(Door.with().http(builder -> builder.bodyTimeout(Duration.ofMillis(200))));
    try (RawHttp raw = RawHttp.open(door)) {
      raw.write(
          RawHttp.head("Content-Type: application/json", "Content-Length: 100") + "{\"query\"");
      assertThat(raw.status()).contains("408");
    }
    assertNothingRan();
  }

  @Test
  void credential_thatExpiresWhileTheBodyComes_isNotNobodys() throws Exception {
    Instant begin = InstantSource.system().instant();
    AtomicReference<Instant> now = new AtomicReference<>(begin);
    reopen(Door.with().service(service -> service.requirePrincipal().clock(now::get)));
    String token = door.token("ada", "acme", begin.plusSeconds(5));
    String body = "{\"query\":\"{ hello }\"}";
    try (RawHttp raw = RawHttp.open(door)) {
      raw.write(
          RawHttp.head(
              "Authorization: Bearer " + token,
              "Content-Type: application/json",
              "Expect: 100-continue",
              "Connection: close",
              "Content-Length: " + body.length()));
      assertThat(raw.status()).contains("100");
      now.set(begin.plusSeconds(6));
      raw.write(body);
      assertThat(raw.rest()).contains(" 401 ", "UNAUTHENTICATED", "Bearer");
    }
    assertNothingRan();
  }

  @Test
  void bodies_ofManyAtOnce_areBoundedTogether() throws Exception {
    reopen(Door.with().http(builder -> builder.maxBodyBytes(8_000).maxBytesInFlight(8_000)));
    String half =
        RawHttp.head("Content-Type: application/json", "Content-Length: 7000") + " ".repeat(6_000);
    try (RawHttp first = RawHttp.open(door);
        RawHttp second = RawHttp.open(door)) {
      first.write(half);
      second.write(half);
      Eventually.holds(() -> first.isAnswered() || second.isAnswered());
      assertThat((first.isAnswered() ? first : second).status()).contains("503");
    }
    assertThat(Call.to(door).query("{ hello }").statusCode()).isEqualTo(200);
  }

  @TestFactory
  Stream<DynamicTest> json_thatTwoReadersReadDifferently_isRefused() {
    return Stream.of(
            "{\"query\":\"{ hello }\",\"query\":\"mutation { add }\"}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":1,\"a\":2}}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":1e400}}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":-1e400}}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":1e-999999999}}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":1e99999999999}}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":" + "9".repeat(2_000) + "}}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":NaN}}",
            "{\"query\":\"{ hello }\",\"variables\":{\"a\":01}}",
            "{\"query\":\"{ hello }\"} {\"query\":\"{ hello }\"}",
            "{\"query\":\"{ hello }\"}x",
            "{'query':'{ hello }'}",
            "{query:\"{ hello }\"}",
            "{\"query\":\"{ hello }\",}",
            "/* c */{\"query\":\"{ hello }\"}",
            "\uFEFF{\"query\":\"{ hello }\"}",
            "{\"query\":\"{ hello(name: \\\"\\ud800\\\") }\"}",
            "{\"query\":\"{ hello\u0000 }\"}",
            "",
            "null",
            "\"{ hello }\"",
            "{\"query\":null}",
            "{\"query\":[\"{ hello }\"]}",
            "{\"query\":\"{ hello }\",\"variables\":[]}",
            "{\"query\":\"{ hello }\",\"variables\":\"{}\"}",
            "{\"query\":\"{ hello }\",\"operationName\":1}",
            "{\"query\":\"{ hello }\",\"extensions\":[]}")
        .map(
            body ->
                DynamicTest.dynamicTest(
                    "body " + (body.length() > 90 ? body.substring(0, 90) : body),
                    () -> {
                      assertThat(Call.to(door).post(body).statusCode()).isEqualTo(400);
                      assertNothingRan();
                    }));
  }

  @Test
  void numbers_thatADoubleDoesNotHold_areKeptAsWritten() {
    String body =
        "{\"query\":\"query($v: Anything) { echo(value: $v) }\",\"variables\":{\"v\":"
            + "[12345678901234567.89, 0.1, 12345678901234567890, 1, -0.0, 1E2]}}";
    HttpResponse<String> response = Call.to(door).post(body);
    assertThat(response.body())
        .contains("[12345678901234567.89,0.1,12345678901234567890,1,-0.0,100.0]");
  }

  @TestFactory
  Stream<DynamicTest> bytes_thatAreNotUtf8_areRefused() {
    String body = "{\"query\":\"{ hello(name: \\\"\u00e4\\\") }\"}";
    return Stream.of(
            body.getBytes(StandardCharsets.ISO_8859_1),
            body.getBytes(StandardCharsets.UTF_16),
            body.getBytes(StandardCharsets.UTF_16LE),
            "{\"query\":\"{ hello(name: \\\"\u00c0\u0080\\\") }\"}"
                .getBytes(StandardCharsets.ISO_8859_1))
        .map(
            bytes ->
                DynamicTest.dynamicTest(
                    bytes.length + " bytes",
                    () -> {
                      assertThat(Call.to(door).post("", bytes).statusCode()).isEqualTo(400);
                      assertNothingRan();
                    }));
  }

  @Test
  void batches_ofAThousandOrNested_areRefusedWhole() {
    String one = "{\"query\":\"{ hello }\"}";
    String thousand = "[" + (one + ",").repeat(999) + one + "]";
    assertThat(Call.to(door).post("[" + one + "]").statusCode()).isEqualTo(400);
    assertThat(Call.to(door).post(thousand).statusCode()).isEqualTo(400);
    reopen(Door.with().http(builder -> builder.maxBatch(10)));
    for (String batch :
        List.of(
            thousand,
            "[]",
            "[[" + one + "]]",
            "[" + one + ",[" + one + "]]",
            "[" + one + ",null]",
            "[" + one + ",{\"variables\":{}}]")) {
      assertThat(Call.to(door).post(batch).statusCode()).isEqualTo(400);
    }
    assertNothingRan();
  }

  @Test
  void batch_ofThousandsThatAreAnsweredAtOnce_isAnswered() {
    reopen(Door.with().http(builder -> builder.maxBatch(2_000)));
    String one = "{\"query\":\"{ hello }\"}";
    HttpResponse<String> response = Call.to(door).post("[" + (one + ",").repeat(1_999) + one + "]");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(new JsonArray(response.body())).hasSize(2_000);
    assertThat(door.hellos).hasValue(2_000);
  }

  @Test
  void batch_inMultipart_isRefused() {
    String body =
        RawHttp.lines(
            "--x",
            "Content-Disposition: form-data; name=\"operations\"",
            "",
            "{\"query\":\"mutation { add }\"}",
            "--x--");
    assertThat(Call.to(door).contentType("multipart/form-data; boundary=x").post(body).statusCode())
        .isEqualTo(415);
    assertNothingRan();
  }

  @Test
  void mutation_byGet_neverRuns() {
    for (String document :
        List.of(
            "mutation { add }",
            "query A { hello } mutation B { add }",
            "mutation B { add } query A { hello }")) {
      HttpResponse<String> response =
          Call.to(door).get("query", document, "operationName", document.length() > 20 ? "B" : "");
      assertThat(response.statusCode()).as(document).isEqualTo(405);
      assertThat(response.headers().firstValue("Allow")).contains("POST");
    }
    HttpResponse<String> old =
        Call.to(door).accept("application/json").get("query", "mutation { add }");
    assertThat(old.statusCode()).isEqualTo(405);
    assertNothingRan();
    assertThat(
            Call.to(door)
                .get("query", "query A { hello } mutation B { add }", "operationName", "A")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void mutation_byAnyOtherMethod_neverRuns() {
    for (String method : List.of("PUT", "DELETE", "PATCH", "OPTIONS")) {
      HttpResponse<String> response = Call.to(door).method(method);
      assertThat(response.statusCode()).isEqualTo(405);
      assertThat(response.headers().firstValue("Allow")).contains("GET, POST");
    }
    assertNothingRan();
  }

  @Test
  void post_withItsQueryInTheUrl_isRefused() {
    byte[] body = "{\"query\":\"{ hello }\"}".getBytes(StandardCharsets.UTF_8);
    for (String query :
        List.of(
            "?query=mutation%7Badd%7D",
            "?operationName=A", "?variables=%7B%7D", "?extensions=%7B%7D", "?documentId=a")) {
      assertThat(Call.to(door).post(query, body).statusCode()).as(query).isEqualTo(400);
      assertThat(Call.to(door).post(query, new byte[0]).statusCode()).isEqualTo(400);
    }
    assertNothingRan();
    assertThat(Call.to(door).post("?trace=1", body).statusCode()).isEqualTo(200);
  }

  @Test
  void get_withAParameterTwice_isRefused() {
    assertThat(Call.to(door).get("query", "{ hello }", "query", "{ context }").statusCode())
        .isEqualTo(400);
    assertThat(
            Call.to(door)
                .get("query", "{ hello }", "variables", "{}", "variables", "{\"a\":1}")
                .statusCode())
        .isEqualTo(400);
    assertThat(
            Call.to(door).get("query", "{ hello }", "variables", "{\"a\":1,\"a\":2}").statusCode())
        .isEqualTo(400);
    assertNothingRan();
  }

  @Test
  void get_ofBytesThatAreNotUtf8_isRefused() throws IOException {
    for (String bytes :
        List.of("%FF", "%C0%AF", "%ED%A0%80", "%E2%82", "%F5%80%80%80", "\u00FF", "%", "%zz")) {
      for (String query :
          List.of(
              "query=%7Bhello(name:%22" + bytes + "%22)%7D",
              "query=%7Bhello%7D&variables=%7B%22v%22:%22" + bytes + "%22%7D",
              "query=%7Bhello%7D&other=" + bytes)) {
        try (RawHttp http = RawHttp.open(door)) {
          String line = "GET /graphql?" + query + " HTTP/1.1";
          assertThat(http.write(RawHttp.lines(line, "Host: localhost", "")).status())
              .as(query)
              .startsWith("HTTP/1.1 400");
        }
      }
    }
    assertNothingRan();
    String name = "+ \u00FC\uFFFD\uD83D\uDE00";
    HttpResponse<String> answer = Call.to(door).get("query", "{ hello(name: \"" + name + "\") }");
    assertThat(Call.json(answer).getJsonObject("data").getString("hello"))
        .isEqualTo("hello " + name);
  }

  @Test
  void operationName_thatIsEmpty_isNone() {
    String two = "query A { hello } query B { context }";
    JsonObject body = new JsonObject().put("query", two).put("operationName", "");
    HttpResponse<String> refused = Call.to(door).post(body.encode());
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("Must provide operation name").doesNotContain("INTERNAL");
    assertNothingRan();
    assertThat(Call.to(door).post(body.put("query", "query A { hello }").encode()).body())
        .contains("hello you");
  }

  @TestFactory
  Stream<DynamicTest> contentType_thatABrowserSendsUnasked_isRefused() {
    return Stream.of(
            "text/plain",
            "text/plain; charset=application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json, text/plain",
            "text/plain, application/json",
            "text/plain; application/json",
            "application/jsonp",
            "application/json/x",
            "application/graphql",
            "application/graphql+json",
            "application/json; charset=utf-16",
            "application/json; charset=iso-8859-1",
            "application/json; charset=utf-7",
            "application/json; charset=utf-8; charset=utf-16",
            "application/json; charset=\"utf-8\\\"\"",
            "application/json; boundary=x",
            "application/json;",
            " ",
            "")
        .map(
            type ->
                DynamicTest.dynamicTest(
                    "'" + type + "'",
                    () -> {
                      HttpResponse<String> response =
                          Call.to(door).contentType(type).query("mutation { add }");
                      assertThat(response.statusCode()).isEqualTo(415);
                      assertNothingRan();
                    }));
  }

  @Test
  void contentType_ofJsonInUtf8_passesHoweverItIsSpelled() {
    for (String type :
        List.of(
            "application/json",
            "APPLICATION/JSON",
            "application/json;charset=UTF-8",
            "application/json; charset=\"utf-8\"")) {
      assertThat(Call.to(door).contentType(type).query("{ hello }").statusCode())
          .as(type)
          .isEqualTo(200);
    }
  }

  @Test
  void contentType_twice_isRefused() throws Exception {
    try (RawHttp raw = RawHttp.open(door)) {
      raw.write(
          RawHttp.head(
                  "Content-Type: application/json",
                  "Content-Type: text/plain",
                  "Content-Length: 22")
              + "{\"query\":\"{ hello }\"} ");
      assertThat(raw.status()).contains("415");
    }
    assertNothingRan();
  }

  @Test
  void body_thatIsCompressed_isRefused() {
    assertThat(Call.to(door).header("Content-Encoding", "gzip").query("{ hello }").statusCode())
        .isEqualTo(415);
    assertNothingRan();
  }

  @Test
  void initialValue_ofAClient_isNeverTheRoot() {
    String body =
        "{\"query\":\"{ context }\",\"initialValue\":{\"context\":\"forged\"},\"root\":{\"a\":1}}";
    assertThat(Call.to(door).post(body).body()).contains("nobody with root null");
  }

  @TestFactory
  Stream<DynamicTest> accept_decidesTheMediaType() {
    return Stream.of(
            "|application/json",
            "*/*|application/json",
            "application/*|application/json",
            "application/json|application/json",
            "application/graphql-response+json|application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"
                + "|application/graphql-response+json",
            "application/json, application/graphql-response+json|application/json",
            "application/json;q=0.5, application/graphql-response+json"
                + "|application/graphql-response+json",
            "application/graphql-response+json;q=0, */*|application/json",
            "application/json;q=0, */*|application/graphql-response+json",
            "text/html, */*;q=0.1|application/json",
            "text/html|406",
            "text/html, image/*|406",
            "application/xml|406",
            "application/json;q=0|406",
            "*/*;q=0|406",
            "application/json;q=2|406",
            "nonsense|406")
        .map(
            line -> {
              String accept = line.substring(0, line.indexOf('|'));
              String wanted = line.substring(line.indexOf('|') + 1);
              return DynamicTest.dynamicTest(
                  line,
                  () -> {
                    HttpResponse<String> response = Call.to(door).accept(accept).query("{ hello }");
                    if (wanted.equals("406")) {
                      assertThat(response.statusCode()).isEqualTo(406);
                      return;
                    }
                    assertThat(response.statusCode()).isEqualTo(200);
                    assertThat(response.headers().firstValue("Content-Type"))
                        .contains(wanted + "; charset=utf-8");
                  });
            });
  }

  @Test
  void subscription_overPlainHttp_isRefused() {
    HttpResponse<String> response = Call.to(door).query("subscription { ticks { number } }");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(Call.code(response)).isEqualTo("OPERATION_NOT_ALLOWED");
    assertThat(door.ticks.opened).hasValue(0);
  }

  @Test
  void persistedQuery_withAWrongHash_isRefusedAndPoisonsNothing() {
    reopen(Door.with().service(b -> b.persistedQueries(PersistedQueries.inMemory(100_000))));
    String ada = door.token("ada", "acme");
    String good = "{ hello }";
    String hash = Sha256.of(good);
    HttpResponse<String> poisoning =
        Call.to(door).bearer(ada).post(persisted("mutation { add }", hash));
    assertThat(poisoning.statusCode()).isEqualTo(400);
    assertThat(Call.code(poisoning)).isEqualTo("OPERATION_NOT_ALLOWED");
    HttpResponse<String> unknown = Call.to(door).bearer(ada).post(persisted(null, hash));
    assertThat(Call.code(unknown)).isEqualTo("PERSISTED_QUERY_NOT_FOUND");
    assertThat(Call.json(unknown).getJsonArray("errors").getJsonObject(0).getString("message"))
        .isEqualTo("PersistedQueryNotFound");
    assertNothingRan();
    assertThat(Call.to(door).bearer(ada).post(persisted(good, hash)).statusCode()).isEqualTo(200);
    assertThat(Call.to(door).bearer(ada).post(persisted(null, hash)).body()).contains("hello you");
    assertThat(
            Call.to(door)
                .bearer(ada)
                .get(
                    "extensions",
                    "{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"" + hash + "\"}}")
                .body())
        .contains("hello you");
  }

  @Test
  void persistedQuery_ofNobodyOrAnotherTenant_isNeitherKeptNorFound() {
    reopen(Door.with().service(b -> b.persistedQueries(PersistedQueries.inMemory(100_000))));
    String text = "{ hello }";
    String hash = Sha256.of(text);
    assertThat(Call.to(door).post(persisted(text, hash)).statusCode()).isEqualTo(200);
    String ada = door.token("ada", "acme");
    assertThat(Call.code(Call.to(door).bearer(ada).post(persisted(null, hash))))
        .isEqualTo("PERSISTED_QUERY_NOT_FOUND");
    Call.to(door).bearer(ada).post(persisted(text, hash));
    assertThat(Call.code(Call.to(door).post(persisted(null, hash))))
        .isEqualTo("PERSISTED_QUERY_NOT_FOUND");
    String bob = door.token("bob", "globex");
    assertThat(Call.code(Call.to(door).bearer(bob).post(persisted(null, hash))))
        .isEqualTo("PERSISTED_QUERY_NOT_FOUND");
  }

  @Test
  void persistedQuery_thatIsNotValidOrBeyondALimit_isNotKept() {
    reopen(
        Door.with()
            .guard(b -> b.limits(Limits.strict().toBuilder().aliases(2).build()))
            .service(b -> b.persistedQueries(PersistedQueries.inMemory(100_000))));
    String ada = door.token("ada", "acme");
    for (String text :
        List.of("{ hello", "{ nothing }", "{ a: hello b: hello c: hello }", "query A { hello }")) {
      String body =
          new JsonObject(persisted(text, Sha256.of(text))).put("operationName", "B").encode();
      assertThat(Call.to(door).bearer(ada).post(body).statusCode()).isEqualTo(400);
      assertThat(Call.code(Call.to(door).bearer(ada).post(persisted(null, Sha256.of(text)))))
          .isEqualTo("PERSISTED_QUERY_NOT_FOUND");
    }
    assertNothingRan();
  }

  @Test
  void persistedQueries_inAFlood_stayWithinTheirBound() {
    reopen(Door.with().service(b -> b.persistedQueries(PersistedQueries.inMemory(4_000))));
    String ada = door.token("ada", "acme");
    for (int i = 0; i < 100; i++) {
      String text = String.format(Locale.ROOT, "{ hello(name: \"%0100d\") }", i);
      Call.to(door).bearer(ada).post(persisted(text, Sha256.of(text)));
    }
    long kept = 0;
    for (int i = 0; i < 100; i++) {
      String text = String.format(Locale.ROOT, "{ hello(name: \"%0100d\") }", i);
      boolean found =
          Call.to(door).bearer(ada).post(persisted(null, Sha256.of(text))).statusCode() == 200;
      kept += found ? 1 : 0;
    }
    assertThat(kept).isLessThan(20);
  }

  @Test
  void persistedQuery_thatIsMalformed_isRefused() {
    reopen(Door.with().service(b -> b.persistedQueries(PersistedQueries.inMemory(100_000))));
    String ada = door.token("ada", "acme");
    String hash = Sha256.of("{ hello }");
    for (String named :
        List.of(
            "\"" + hash + "\"",
            "{\"version\":2,\"sha256Hash\":\"" + hash + "\"}",
            "{\"version\":1,\"sha256Hash\":\"" + hash.toUpperCase(Locale.ROOT) + "\"}",
            "{\"version\":1,\"sha256Hash\":\"abc\"}",
            "{\"version\":1}")) {
      assertThat(
              Call.to(door)
                  .bearer(ada)
                  .post(
                      "{\"query\":\"{ hello }\",\"extensions\":{\"persistedQuery\":" + named + "}}")
                  .statusCode())
          .as(named)
          .isEqualTo(400);
    }
    assertThat(Call.to(door).query("PersistedQueryMarker").statusCode()).isEqualTo(400);
    assertNothingRan();
  }

  private static String persisted(String query, String hash) {
    JsonObject body =
        new JsonObject()
            .put(
                "extensions",
                new JsonObject()
                    .put(
                        "persistedQuery",
                        new JsonObject().put("version", 1).put("sha256Hash", hash)));
    return query == null ? body.encode() : body.put("query", query).encode();
  }

  @Test
  void trustedDocument_butForASpace_isRefused() {
    String text = "{ hello }";
    reopen(Door.with().service(b -> b.trustedDocuments(TrustedDocuments.of(List.of(text)))));
    for (String other : List.of("{ hello}", "{ hello } ", "{  hello }", "{ hello } #")) {
      HttpResponse<String> response = Call.to(door).query(other);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(Call.code(response)).isEqualTo("OPERATION_NOT_ALLOWED");
    }
    assertNothingRan();
    assertThat(Call.to(door).query(text).statusCode()).isEqualTo(200);
    assertThat(Call.to(door).post("{\"documentId\":\"sha256:" + Sha256.of(text) + "\"}").body())
        .contains("hello you");
    assertThat(Call.to(door).post(persisted(null, Sha256.of(text))).body()).contains("hello you");
  }

  @Test
  void trustedDocuments_perClient_andStillWithinTheirLimits() {
    String text = "{ a: hello b: hello }";
    reopen(
        Door.with()
            .guard(builder -> builder.limits(Limits.strict().toBuilder().aliases(1).build()))
            .service(
                b ->
                    b.trustedDocuments(
                        TrustedDocuments.of(List.of(text, "{ hello }"))
                            .modes(
                                caller ->
                                    caller.isPresent()
                                        ? TrustedDocuments.Mode.ALLOW_KNOWN
                                        : TrustedDocuments.Mode.ONLY_KNOWN))));
    assertThat(Call.code(Call.to(door).query(text))).isEqualTo("ALIAS_LIMIT");
    assertThat(Call.to(door).query("{ context }").statusCode()).isEqualTo(400);
    String ada = door.token("ada", "acme");
    assertThat(Call.to(door).bearer(ada).query("{ context }").statusCode()).isEqualTo(200);
    assertThat(
            Call.to(door)
                .bearer(ada)
                .post("{\"documentId\":\"" + Sha256.of("{ hello }") + "\"}")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void errors_ofAnyRequest_suggestNothing() {
    HttpResponse<String> response = Call.to(door).query("{ helo }");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).doesNotContainIgnoringCase("did you mean").doesNotContain("hello");
  }
}
