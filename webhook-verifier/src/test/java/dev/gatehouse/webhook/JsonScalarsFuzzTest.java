package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Any bytes as a body: what the pointers find is what a tree of the whole body has there. */
final class JsonScalarsFuzzTest {
  private static final List<String> POINTERS =
      List.of("/id", "/a/b", "/0/id", "/a~1b", "/m~0n", "/", "/data/object/id");
  private static final JsonMapper TREES =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  @FuzzTest(maxDuration = "10m")
  void body_anyBytes_isReadAsATreeIsOrNotAtAll(byte[] body) {
    Optional<Map<String, String>> found = JsonScalars.read(body, POINTERS);
    if (found.isEmpty()) {
      return;
    }
    JsonNode tree;
    try {
      // As text, for a tree read from bytes refuses half a character even in a name that nobody
      // asked for, and real senders cut their texts so.
      tree = TREES.readTree(new String(body, StandardCharsets.UTF_8));
    } catch (IOException other) {
      throw new AssertionError("scalars were read from what is no JSON", other);
    }
    for (String pointer : POINTERS) {
      JsonNode node = tree.at(pointer);
      String value = found.get().get(pointer);
      if (node.isTextual() || node.isBoolean() || node.isInt()) {
        assertThat(value == null ? "absent" : readable(value)).isEqualTo(readable(node.asText()));
      } else if (node.isMissingNode() || node.isContainerNode()) {
        assertThat(value).isNull();
      }
    }
  }

  // -0 and the like are kept as they are written; a tree writes the number anew.
  private static String readable(String scalar) {
    return scalar.equals("-0") ? "0" : scalar;
  }
}
