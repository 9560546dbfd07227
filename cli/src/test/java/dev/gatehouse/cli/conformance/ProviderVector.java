package dev.gatehouse.cli.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A vector of a provider, as a case of {@code verify --batch}.
 *
 * @param scheme the scheme's name
 * @param id the case's id
 * @param vector the vector as it stands in the file
 * @param inputs the case; empty if it cannot be made into one
 * @param leftOut why it cannot; empty if it can
 */
public record ProviderVector(
    String scheme, String id, JsonNode vector, Optional<ObjectNode> inputs, String leftOut) {

  private static final Pattern RECEIVED = Pattern.compile("received at (\\S+)");

  /** The vectors of the providers whose schemes are in the catalogue. */
  public static List<ProviderVector> all(ConformanceFolder folder) {
    JsonNode names = folder.json("webhook/names.json");
    List<ProviderVector> all = new ArrayList<>();
    for (String file : List.of("webhook/providers-a.json", "webhook/providers-b.json")) {
      for (JsonNode provider : folder.json(file)) {
        String scheme = names.path(provider.path("name").asText()).asText();
        if (!Schemes.names().contains(scheme)) {
          continue;
        }
        for (JsonNode vector : provider.path("vectors")) {
          all.add(of(scheme, scheme + "#" + all.size(), vector));
        }
      }
    }
    return all;
  }

  private static ProviderVector of(String scheme, String id, JsonNode vector) {
    String leftOut =
        Schemes.named(scheme).message() == null
            ? reasonToLeaveOut(Schemes.named(scheme), vector)
            : MessageVector.reasonToLeaveOut(vector);
    Optional<ObjectNode> inputs =
        leftOut.isEmpty()
            ? Optional.of(inputs(Schemes.named(scheme), id, vector))
            : Optional.empty();
    return new ProviderVector(scheme, id, vector, inputs, leftOut);
  }

  private static String reasonToLeaveOut(Scheme scheme, JsonNode vector) {
    if (!vector.path("verified").asBoolean()) {
      return "was not recomputed independently";
    }
    if (vector.path("headers").isEmpty()
        && isInHeaders(scheme)
        && !vector.path("kind").asText().equals("handshake")) {
      return "primitive only: no headers, so no request";
    }
    return vector.path("kind").asText().equals("handshake") && scheme.handshakes().isEmpty()
        ? "a handshake that the scheme does not have"
        : "";
  }

  private static boolean isInHeaders(Scheme scheme) {
    return scheme.variants().stream()
        .flatMap(variant -> variant.places().stream())
        .allMatch(place -> place.in().kind() == ValueSource.Kind.HEADER);
  }

  private static ObjectNode inputs(Scheme scheme, String id, JsonNode vector) {
    ObjectNode of = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    of.put("case", id).put("scheme", scheme.name());
    secrets(of.putArray("secrets"), scheme, vector);
    params(of.putObject("params"), scheme, vector);
    of.put("method", vector.path("method").asText("POST"));
    of.put("url", vector.path("url").asText("").replace("null", ""));
    ArrayNode headers = of.putArray("headers");
    vector
        .path("headers")
        .properties()
        .forEach(h -> headers.addArray().add(h.getKey()).add(h.getValue().asText()));
    body(of, vector);
    if (vector.has("now_ms")) {
      of.put("now", BigDecimal.valueOf(vector.get("now_ms").asLong(), 3));
    } else if (vector.has("now")) {
      of.put("now", vector.get("now").asLong());
    } else {
      Optional<String> moment = SignedMoment.of(scheme, vector).map(Object::toString);
      moment
          .or(() -> receivedAt(vector).map(OffsetDateTime::toInstant).map(Object::toString))
          .ifPresent(now -> of.put("now", now));
    }
    if (scheme.message() != null) {
      MessageVector.complete(of, vector);
    }
    return of;
  }

  // MessageBird's reference set says it in words.
  private static Optional<OffsetDateTime> receivedAt(JsonNode vector) {
    Matcher note = RECEIVED.matcher(vector.path("note").asText());
    return note.find() ? Optional.of(OffsetDateTime.parse(note.group(1))) : Optional.empty();
  }

  private static void secrets(ArrayNode secrets, Scheme scheme, JsonNode vector) {
    if (vector.has("public_key") && !scheme.params().containsKey("public_key")) {
      secrets.add(vector.get("public_key").asText());
    } else if (vector.has("secrets")) {
      vector.get("secrets").forEach(secrets::add);
    } else if (vector.has("secret")) {
      secrets.add(vector.get("secret").asText());
    }
    if (vector.has("secret_secondary")) {
      secrets.add(vector.get("secret_secondary").asText());
    }
  }

  private static void params(ObjectNode params, Scheme scheme, JsonNode vector) {
    for (String name : scheme.params().keySet()) {
      JsonNode value =
          switch (name) {
            case "notification_url" -> vector.path("url");
            case "certificate" -> vector.path("certificate_pem");
            default -> vector.path(name);
          };
      if (value.isTextual()) {
        params.set(name, value);
      }
    }
    // The vectors of Vonage use every algorithm that an account may have, the weakest too.
    Scheme.Parameter minimum = scheme.params().get(scheme.reading().minimum());
    if (minimum != null && !minimum.otherwise().isEmpty()) {
      params.put(
          scheme.reading().minimum(), StrictJson.nameOf(scheme.accepts().get(0).algorithm()));
    }
    if (scheme.params().containsKey("jwks") && vector.has("jwk")) {
      params.put("jwks", "{\"keys\":[" + vector.get("jwk") + "]}");
    }
  }

  private static void body(ObjectNode of, JsonNode vector) {
    if (vector.has("body_base64")) {
      of.set("body_base64", vector.get("body_base64"));
    } else if (vector.has("body_repeat")) {
      JsonNode repeat = vector.get("body_repeat");
      of.put("body", repeat.get("char").asText().repeat(repeat.get("count").asInt()));
    } else {
      of.put("body", vector.path("body").asText(""));
    }
  }

  /** The outcome that the contract demands. */
  public String outcome() {
    boolean placeholder =
        inputs().isPresent()
            && !inputs().get().get("secrets").isEmpty()
            && Secret.refusal(inputs().get().get("secrets").get(0).asText()).isPresent();
    if (placeholder) {
      return "error";
    }
    if (vector.has("valid") && !vector.get("valid").asBoolean()) {
      return "rejected";
    }
    return isHandshake() ? "handshake" : "verified";
  }

  /** Whether it is a handshake that carries no signature. */
  boolean isUnsignedHandshake() {
    return isHandshake() && vector.path("headers").isEmpty();
  }

  // Some vectors do not say that they are one: Discord's is a ping.
  private boolean isHandshake() {
    if (vector.path("kind").asText().equals("handshake")) {
      return true;
    }
    return Schemes.named(scheme).handshakes().stream()
        .filter(h -> h.confirm() == null)
        .map(h -> h.told().json())
        .anyMatch(json -> !json.isEmpty() && json.entrySet().stream().allMatch(this::holds));
  }

  private boolean holds(Map.Entry<String, String> condition) {
    try {
      JsonNode body = new JsonMapper().readTree(vector.path("body").asText());
      return body.at(condition.getKey()).asText().equals(condition.getValue());
    } catch (JsonProcessingException noJson) {
      return false;
    }
  }
}
