package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.gatehouse.core.Problems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps the published schema and the reader in step. */
class ConfigSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROBE = "qqqqqqqqqqqqqqqq";

  @TempDir Path folder;

  private static JsonNode schemaTree() throws Exception {
    return JSON.readTree(ConfigTemplate.jsonSchema());
  }

  private static JsonSchema schema() throws Exception {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schemaTree());
  }

  private static JsonNode yaml(String text) {
    Problems problems = new Problems();
    JsonNode tree = JSON.valueToTree(YamlTree.read(text, problems));
    problems.throwIfAny();
    return tree;
  }

  @Test
  void contract_andTemplate_validate() throws Exception {
    assertThat(schema().validate(yaml(Samples.contract()))).isEmpty();
    assertThat(schema().validate(yaml(ConfigTemplate.yaml()))).isEmpty();
  }

  @Test
  void schema_forAMistake_objects() throws Exception {
    assertThat(schema().validate(yaml("sources: {a: {scheme: github, owner: me, mode: maybe}}")))
        .isNotEmpty();
    assertThat(schema().validate(yaml("sources: {a: {scheme: github, owner: me, sekrets: []}}")))
        .isNotEmpty();
  }

  // Each object is asked for a key that nobody knows; the answer lists the keys that are known.
  private Set<String> knownToReader(String yaml, String path) {
    Problems.InvalidException refused =
        catchThrowableOfType(
            Problems.InvalidException.class, () -> ConfigReader.create().read(yaml, folder));
    String message =
        refused.problems().stream()
            .filter(p -> p.path().equals(path.isEmpty() ? PROBE : path + "." + PROBE))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no answer at " + path + ": " + refused))
            .message();
    String list = message.substring(message.indexOf("known here: ") + "known here: ".length());
    Set<String> known = new TreeSet<>(List.of(list.split(", ")));
    known.remove("hideSources"); // asked for in sources only to say where it belongs
    return known;
  }

  private static Set<String> knownToSchema(String pointer) throws Exception {
    JsonNode node = schemaTree().at(pointer);
    assertThat(node.isObject()).as(pointer).isTrue();
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    names.remove("hideSources");
    return names;
  }

  private static String probe() {
    return "{" + PROBE + ": 1}";
  }

  @Test
  void keys_ofReaderAndSchema_areTheSame() throws Exception {
    String source = "sources: {a: {scheme: standard-webhooks, %s}}";
    String s = "/$defs/source/properties";
    List<List<String>> objects = new ArrayList<>();
    objects.add(List.of(probe(), "", "/properties"));
    objects.add(List.of("server: " + probe(), "server", "/properties/server/properties"));
    objects.add(
        List.of(
            "server: {management: " + probe() + "}",
            "server.management",
            "/properties/server/properties/management/properties"));
    objects.add(List.of("store: " + probe(), "store", "/properties/store/properties"));
    objects.add(
        List.of(
            "store: {encryption: " + probe() + "}",
            "store.encryption",
            "/properties/store/properties/encryption/properties"));
    objects.add(
        List.of(
            "store: {quarantine: " + probe() + "}",
            "store.quarantine",
            "/properties/store/properties/quarantine/properties"));
    objects.add(List.of("shared: " + probe(), "shared", "/properties/shared/properties"));
    objects.add(List.of(source.formatted(PROBE + ": 1"), "sources.a", s));
    objects.add(
        List.of(
            source.formatted("secrets: [" + probe() + "]"),
            "sources.a.secrets[0]",
            "/$defs/key/properties"));
    objects.add(
        List.of(
            source.formatted("keys: " + probe()),
            "sources.a.keys",
            s + "/keys/oneOf/1/properties"));
    objects.add(
        List.of(
            source.formatted("tenant: " + probe()),
            "sources.a.tenant",
            s + "/tenant/oneOf/1/properties"));
    for (String child : List.of("limits", "dedupe", "responses", "deliver")) {
      objects.add(
          List.of(
              source.formatted(child + ": " + probe()),
              "sources.a." + child,
              s + "/" + child + "/properties"));
    }
    objects.add(
        List.of(
            source.formatted("deliver: {order: " + probe() + "}"),
            "sources.a.deliver.order",
            s + "/deliver/properties/order/oneOf/1/properties"));
    for (String child : List.of("retry", "sign", "circuit", "kafka", "redis")) {
      objects.add(
          List.of(
              source.formatted("deliver: {" + child + ": " + probe() + "}"),
              "sources.a.deliver." + child,
              s + "/deliver/properties/" + child + "/properties"));
    }

    for (List<String> object : objects) {
      assertThat(knownToReader(object.get(0), object.get(1)))
          .as(object.get(1))
          .isEqualTo(knownToSchema(object.get(2)));
    }
  }

  @Test
  void schema_everyKey_isDescribed() throws Exception {
    List<String> undescribed = new ArrayList<>();
    collect(schemaTree(), "", undescribed);
    assertThat(undescribed).isEmpty();
  }

  private static void collect(JsonNode node, String path, List<String> undescribed) {
    JsonNode properties = node.path("properties");
    properties
        .properties()
        .forEach(
            property -> {
              JsonNode value = property.getValue();
              boolean described =
                  value.has("description") || value.path("$ref").asText().endsWith("publicUrl");
              if (value instanceof ObjectNode && !described) {
                undescribed.add(path + "." + property.getKey());
              }
            });
    node.properties()
        .forEach(child -> collect(child.getValue(), path + "/" + child.getKey(), undescribed));
  }
}
