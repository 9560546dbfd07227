package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What the audits of npm's graphql-http ask of a server, for machines without Node; {@link
 * NodeClientsTest} runs the audits themselves.
 */
class GraphqlHttpAuditsTest {
  private static final String OWN = "application/graphql-response+json";
  private static final String OLD = "application/json";
  private static final String ASK = "{\"query\":\"{ __typename }\"}";
  private static final List<String> NO_TEXTS =
      List.of("{\"obj\":\"ect\"}", "0", "false", "[\"array\"]");
  private static final List<String> NO_MAPS = List.of("\"string\"", "0", "false", "[\"array\"]");

  private static Door door;

  @BeforeAll
  static void open() {
    door = Door.open();
  }

  @AfterAll
  static void close() {
    door.close();
  }

  /** One audit: what is sent, and what must come. */
  private record Audit(String id, Supplier<HttpResponse<String>> call, Check check) {}

  private interface Check {
    void check(HttpResponse<String> response);
  }

  private static Supplier<HttpResponse<String>> post(String accept, String body) {
    return () -> Call.to(door).accept(accept).post(body);
  }

  private static Check status(int status) {
    return response -> assertThat(response.statusCode()).isEqualTo(status);
  }

  private static Check between(int least, int most) {
    return response -> assertThat(response.statusCode()).isBetween(least, most);
  }

  private static Check okWithType(String type) {
    return response -> {
      status(200).check(response);
      assertThat(response.headers().firstValue("Content-Type").orElse("")).contains(type);
    };
  }

  private static Check okWithoutErrors() {
    return response -> {
      status(200).check(response);
      assertThat(new JsonObject(response.body()).containsKey("errors")).isFalse();
    };
  }

  private static Check withoutData() {
    return response -> assertThat(new JsonObject(response.body()).containsKey("data")).isFalse();
  }

  @TestFactory
  Stream<DynamicTest> audit_ofGraphqlHttp_isOk() {
    return audits().stream()
        .map(
            audit ->
                DynamicTest.dynamicTest(audit.id(), () -> audit.check().check(audit.call().get())));
  }

  @Test
  void audits_all_areAsManyAsThere() {
    assertThat(audits()).extracting(Audit::id).doesNotHaveDuplicates().hasSize(61);
  }

  private static List<Audit> audits() {
    List<Audit> all = new ArrayList<>();
    all.add(new Audit("22EB", post(OWN, ASK), okWithType(OWN)));
    all.add(new Audit("4655", post(OLD, ASK), okWithType(OLD)));
    all.add(new Audit("47DE", post("*/*", ASK), okWithType(OLD)));
    all.add(new Audit("80D8", post("", ASK), okWithType(OLD)));
    all.add(new Audit("82A3", post("", ASK), okWithType("utf-8")));
    all.add(
        new Audit(
            "BF61",
            () ->
                Call.to(door)
                    .contentType("application/json; charset=utf-8")
                    .post("{\"query\":\"{ __type(name: \\\"Run\ud83c\udfc3Swim\\\") { name } }\"}"),
            status(200)));
    all.add(new Audit("78D5", post("", ASK), status(200)));
    all.add(new Audit("2C94", post("", ASK), status(200)));
    all.add(
        new Audit(
            "5A70", () -> Call.to(door).accept("").get("query", "{ __typename }"), status(200)));
    all.add(
        new Audit(
            "9C48",
            () -> Call.to(door).get("query", "mutation { __typename }"),
            between(400, 499)));
    all.add(
        new Audit(
            "9ABE", () -> Call.to(door).contentType("").post("", new byte[0]), between(400, 499)));
    all.add(new Audit("03D4", post("", ASK), status(200)));
    all.add(new Audit("A5BF", () -> Call.to(door).post("", new byte[0]), status(400)));
    all.add(new Audit("423L", post(OWN, "{\"notquery\":\"{ __typename }\"}"), status(400)));
    addEach(all, "LKJ", NO_TEXTS, "{\"query\":%s}");
    String named = "{\"operationName\":\"Query\",\"query\":\"query Query { __typename }\"}";
    all.add(new Audit("34A2", post(OWN, ASK), status(200)));
    all.add(new Audit("13EE", post(OLD, ASK), okWithoutErrors()));
    addEach(all, "6C0", NO_TEXTS, "{\"operationName\":%s,\"query\":\"{ __typename }\"}");
    all.add(new Audit("8161", post(OWN, named), status(200)));
    all.add(new Audit("B8B3", post(OLD, named), okWithoutErrors()));
    List<String> optional = List.of("variables", "operationName", "extensions");
    for (int i = 0; i < optional.size(); i++) {
      String body = "{\"query\":\"{ __typename }\",\"" + optional.get(i) + "\":null}";
      all.add(new Audit("94B" + i, post(OWN, body), okWithoutErrors()));
      all.add(new Audit("022" + i, post(OLD, body), okWithoutErrors()));
    }
    addEach(all, "476", NO_MAPS, "{\"query\":\"{ __typename }\",\"variables\":%s}");
    String typed = "query Type($name: String!) { __type(name: $name) { name } }";
    String withVariables =
        new JsonObject()
            .put("query", typed)
            .put("variables", new JsonObject(Map.of("name", "sometype")))
            .encode();
    all.add(new Audit("2EA1", post(OWN, withVariables), status(200)));
    all.add(new Audit("28B9", post(OLD, withVariables), okWithoutErrors()));
    for (Map.Entry<String, String> each : Map.of("D6D5", OWN, "6A70", OLD).entrySet()) {
      all.add(
          new Audit(
              each.getKey(),
              () ->
                  Call.to(door)
                      .accept(each.getValue())
                      .get("query", typed, "variables", "{\"name\":\"sometype\"}"),
              okWithoutErrors()));
    }
    addEach(all, "58B", NO_MAPS, "{\"query\":\"{ __typename }\",\"extensions\":%s}");
    String extended = "{\"query\":\"{ __typename }\",\"extensions\":{\"some\":\"value\"}}";
    all.add(new Audit("428F", post(OWN, extended), status(200)));
    all.add(new Audit("1B7A", post(OLD, extended), okWithoutErrors()));
    addRefusals(all);
    return all;
  }

  private static void addRefusals(List<Audit> all) {
    String broken = "{ \"not a JSON";
    String misspelt = "{\"qeury\":\"{ __typename }\"}";
    String unparsable = "{\"query\":\"{\"}";
    String unknown = "{\"query\":\"{ f8f31403dfe404bccbb0e835f2629c6a7 }\"}";
    String uncoerced =
        "{\"query\":\"query CoerceFailure($id: ID!){ __typename }\",\"variables\":{\"id\":null}}";
    all.add(new Audit("B6DC", post("", broken), between(400, 499)));
    all.add(new Audit("BCF8", post("", broken), status(400)));
    all.add(new Audit("B7N8", post(OWN, broken), status(400)));
    all.add(new Audit("8764", post("", misspelt), between(400, 599)));
    all.add(new Audit("3E3A", post("", misspelt), status(400)));
    all.add(new Audit("572B", post(OLD, unparsable), status(200)));
    all.add(new Audit("FDE2", post(OLD, unknown), status(200)));
    all.add(new Audit("7B9B", post(OLD, uncoerced), status(200)));
    all.add(new Audit("865D", post(OWN, unparsable), between(400, 599)));
    all.add(new Audit("556A", post(OWN, unparsable), status(400)));
    all.add(new Audit("D586", post(OWN, unparsable), withoutData()));
    all.add(new Audit("51FE", post(OWN, unknown), between(400, 599)));
    all.add(new Audit("74FF", post(OWN, unknown), status(400)));
    all.add(new Audit("5E5B", post(OWN, unknown), withoutData()));
    all.add(new Audit("86EE", post(OWN, uncoerced), status(400)));
  }

  private static void addEach(List<Audit> all, String id, List<String> values, String body) {
    for (int i = 0; i < values.size(); i++) {
      byte[] bytes = body.replace("%s", values.get(i)).getBytes(StandardCharsets.UTF_8);
      all.add(new Audit(id + i, () -> Call.to(door).accept("").post("", bytes), status(400)));
    }
  }
}
