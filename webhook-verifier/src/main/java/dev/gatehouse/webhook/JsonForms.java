package dev.gatehouse.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The forms in which common libraries write one JSON value. */
final class JsonForms {
  private final String item;
  private final String colon;
  private final String indent;
  private final boolean ascii;
  private final boolean sorted;
  private final boolean slashes;

  private JsonForms(
      String item, String colon, String indent, boolean ascii, boolean sorted, boolean slashes) {
    this.item = item;
    this.colon = colon;
    this.indent = indent;
    this.ascii = ascii;
    this.sorted = sorted;
    this.slashes = slashes;
  }

  /** All forms, by names that begin with the mistake's. */
  static Map<String, String> all(JsonNode tree) {
    Map<String, String> forms = new LinkedHashMap<>();
    for (boolean sorted : new boolean[] {false, true}) {
      for (boolean ascii : new boolean[] {false, true}) {
        for (boolean slashes : new boolean[] {false, true}) {
          String mark = "json_reserialised:" + sorted + ascii + slashes;
          forms.put(mark + "c", new JsonForms(",", ":", "", ascii, sorted, slashes).of(tree));
          forms.put(mark + "p", new JsonForms(", ", ": ", "", ascii, sorted, slashes).of(tree));
          forms.put(mark + "2", new JsonForms(",", ": ", "  ", ascii, sorted, slashes).of(tree));
          forms.put(mark + "4", new JsonForms(",", ": ", "    ", ascii, sorted, slashes).of(tree));
        }
      }
    }
    return forms;
  }

  private String of(JsonNode tree) {
    StringBuilder out = new StringBuilder();
    write(tree, out, "\n");
    return out.toString();
  }

  private void write(JsonNode node, StringBuilder out, String line) {
    if (node.isObject()) {
      List<String> names = new ArrayList<>();
      node.fieldNames().forEachRemaining(names::add);
      if (sorted) {
        Collections.sort(names);
      }
      List<String> parts = new ArrayList<>();
      for (String name : names) {
        StringBuilder part = new StringBuilder(text(TextNode.valueOf(name))).append(colon);
        write(node.get(name), part, line + indent);
        parts.add(part.toString());
      }
      join(out, "{", parts, "}", line);
    } else if (node.isArray()) {
      List<String> parts = new ArrayList<>();
      for (JsonNode each : node) {
        StringBuilder part = new StringBuilder();
        write(each, part, line + indent);
        parts.add(part.toString());
      }
      join(out, "[", parts, "]", line);
    } else {
      out.append(text(node));
    }
  }

  private void join(StringBuilder out, String open, List<String> parts, String close, String line) {
    boolean broken = !indent.isEmpty() && !parts.isEmpty();
    String inner = broken ? line + indent : "";
    out.append(open).append(inner).append(String.join(item + inner, parts));
    out.append(broken ? line : "").append(close);
  }

  private String text(JsonNode scalar) {
    String json = scalar.toString();
    if (!scalar.isTextual()) {
      return json;
    }
    String escaped = slashes ? json.replace("/", "\\/") : json;
    if (!ascii) {
      return escaped;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      plain.append(
          c < 128 ? String.valueOf(c) : "\\u" + Integer.toHexString(0x10000 | c).substring(1));
    }
    return plain.toString();
  }
}
