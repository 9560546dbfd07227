package dev.gatehouse.cli.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A signature that stands in no header, but in a case's body or query, so as to spoil it there. */
final class BodySignature {
  private final Scheme scheme;

  BodySignature(Scheme scheme) {
    this.scheme = scheme;
  }

  /** Whether the signature stands in the query of this case. */
  boolean isInQuery(ObjectNode inputs) {
    ValueSource.Kind kind = place(scheme.variants().get(0)).kind();
    return kind == ValueSource.Kind.QUERY
        || (kind == ValueSource.Kind.FIELD && inputs.path("body").asText().isEmpty());
  }

  /** Gives the case another signature; null takes it out. */
  void edit(ObjectNode inputs, UnaryOperator<@Nullable String> change) {
    if (isInQuery(inputs)) {
      String url = inputs.get("url").asText();
      int query = url.indexOf('?') + 1;
      String name = place(scheme.variants().get(0)).name();
      inputs.put("url", url.substring(0, query) + inForm(url.substring(query), name, change));
      return;
    }
    String body = inputs.get("body").asText();
    for (Scheme.Variant variant : scheme.variants()) {
      ValueSource place = place(variant);
      if (place.kind() == ValueSource.Kind.JSON) {
        body = inJson(body, place.name().replace("*", "0"), change);
      } else if (place.kind() == ValueSource.Kind.FIELD && body.startsWith("{")) {
        body = inJson(body, "/" + place.name(), change);
      } else {
        body = inForm(body, place.name(), change);
      }
    }
    inputs.put("body", body);
  }

  private static ValueSource place(Scheme.Variant variant) {
    return variant.places().stream()
        .map(Scheme.Place::in)
        .filter(in -> in.kind() != ValueSource.Kind.HEADER)
        .findFirst()
        .orElseThrow();
  }

  private static String inJson(
      String body, String pointer, UnaryOperator<@Nullable String> change) {
    try {
      JsonNode tree = new JsonMapper().readTree(body);
      int last = pointer.lastIndexOf('/');
      if (!(tree.at(pointer.substring(0, last)) instanceof ObjectNode parent)) {
        return body;
      }
      String name = pointer.substring(last + 1);
      String changed = change.apply(parent.path(name).asText());
      if (changed == null) {
        parent.remove(name);
      } else {
        parent.put(name, changed);
      }
      return tree.toString();
    } catch (JsonProcessingException aForm) {
      return body;
    }
  }

  private static String inForm(String body, String name, UnaryOperator<@Nullable String> change) {
    List<String> pairs = new ArrayList<>();
    for (String pair : body.split("&", -1)) {
      if (!pair.startsWith(name + "=")) {
        pairs.add(pair);
        continue;
      }
      String value = URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
      String changed = change.apply(value);
      if (changed != null) {
        pairs.add(name + "=" + URLEncoder.encode(changed, StandardCharsets.UTF_8));
      }
    }
    return String.join("&", pairs);
  }
}
