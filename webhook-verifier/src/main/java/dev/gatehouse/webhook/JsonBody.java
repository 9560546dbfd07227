package dev.gatehouse.webhook;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A JSON object into which values can be put by their pointers (RFC 6901). */
final class JsonBody {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final ObjectNode root;

  private JsonBody(ObjectNode root) {
    this.root = root;
  }

  /**
   * Reads a body; an empty one is an object without members.
   *
   * @throws IllegalArgumentException if it is no JSON object
   */
  static JsonBody read(byte[] body) {
    if (body.length == 0) {
      return new JsonBody(JSON.createObjectNode());
    }
    try {
      if (JSON.readTree(new String(body, StandardCharsets.UTF_8)) instanceof ObjectNode object) {
        return new JsonBody(object);
      }
    } catch (IOException unreadable) {
      // Its message may quote the body.
    }
    throw new IllegalArgumentException("body: must be a JSON object, no member in it twice");
  }

  /** The body's bytes. */
  byte[] bytes() {
    try {
      return JSON.writeValueAsBytes(root);
    } catch (IOException e) {
      throw new IllegalStateException("a tree of JSON is JSON", e);
    }
  }

  /** How many items the array at a pointer has; one is made where there is none. */
  int items(String pointer) {
    ObjectNode at = root;
    String[] names = names(pointer);
    for (int i = 0; i < names.length - 1; i++) {
      at = objectIn(at, names[i]);
    }
    ArrayNode array = arrayIn(at, names[names.length - 1]);
    if (array.isEmpty()) {
      array.addObject();
    }
    return array.size();
  }

  /**
   * Puts a text at a pointer; objects on the way are made. A number stays one if the text is one.
   *
   * @param item which item, where the pointer has a wildcard
   * @throws IllegalArgumentException if something else stands in the way
   */
  void put(String pointer, int item, String text) {
    String[] names = names(pointer);
    String last = names[names.length - 1];
    ObjectNode holder = holder(names, item);
    JsonNode before = holder.get(last);
    if (before != null && before.isIntegralNumber() && text.matches("\\d{1,18}")) {
      holder.put(last, Long.parseLong(text));
    } else {
      holder.put(last, text);
    }
  }

  /** Puts a number at a pointer without a wildcard; objects on the way are made. */
  void put(String pointer, long number) {
    String[] names = names(pointer);
    holder(names, 0).put(names[names.length - 1], number);
  }

  private ObjectNode holder(String[] names, int item) {
    ObjectNode at = root;
    int i = 0;
    while (i < names.length - 1) {
      boolean each = names[i + 1].equals("*");
      at = each ? itemIn(at, names[i], item) : objectIn(at, names[i]);
      i += each ? 2 : 1;
    }
    return at;
  }

  private static ObjectNode itemIn(ObjectNode holder, String name, int item) {
    ArrayNode array = arrayIn(holder, name);
    while (array.size() <= item) {
      array.addObject();
    }
    return object(array.get(item), name);
  }

  private static ObjectNode objectIn(ObjectNode holder, String name) {
    JsonNode there = holder.get(name);
    return there == null || there.isNull() ? holder.putObject(name) : object(there, name);
  }

  private static ArrayNode arrayIn(ObjectNode holder, String name) {
    JsonNode there = holder.get(name);
    if (there == null || there.isNull()) {
      return holder.putArray(name);
    }
    if (there instanceof ArrayNode array) {
      return array;
    }
    throw new IllegalArgumentException("body: " + name + " must be an array");
  }

  private static ObjectNode object(@Nullable JsonNode there, String name) {
    if (there instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException(
        "body: "
            + name
            + " must hold objects, but has "
            + Objects.toString(there == null ? null : there.getNodeType()));
  }

  private static String[] names(String pointer) {
    String[] names = pointer.substring(1).split("/", -1);
    for (int i = 0; i < names.length; i++) {
      names[i] = names[i].replace("~1", "/").replace("~0", "~");
    }
    return names;
  }
}
