package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The topics of a service as an AsyncAPI 3.0 document: addresses, schemas, and who may subscribe,
 * from the same declarations that decide it.
 *
 * <p>The scopes that a subscriber needs stand in {@code x-gatehouse-scopes} of the operation, the
 * fields that are hidden without a scope in {@code x-gatehouse-hidden-without} of the message: the
 * specification has places for scopes in OAuth flows only.
 */
public final class AsyncApi {
  private static final String VERSION = "3.0.0";

  private final TopicCatalogue topics;
  private final String title;
  private final String version;

  private AsyncApi(TopicCatalogue topics, String title, String version) {
    this.topics = topics;
    this.title = title;
    this.version = version;
  }

  /**
   * The document of these topics.
   *
   * @param topics the topics
   * @param title the service's name
   * @param version the version of its interface
   */
  public static AsyncApi of(TopicCatalogue topics, String title, String version) {
    return new AsyncApi(topics, title, version);
  }

  /** The document of all topics. */
  public JsonObject document() {
    return document(each -> true);
  }

  /** The document of the topics to which the principal may subscribe; it names no other. */
  public JsonObject documentFor(Principal principal) {
    return document(each -> each.admits(principal));
  }

  private JsonObject document(Predicate<TopicDeclaration> shown) {
    JsonObject channels = new JsonObject();
    JsonObject operations = new JsonObject();
    Set<String> names = new HashSet<>();
    for (TopicDeclaration each : topics.declarations()) {
      if (shown.test(each)) {
        String name = nameOf(each.topics(), names);
        channels.put(name, channel(each));
        operations.put("send_" + name, operation(name, each));
      }
    }
    return new JsonObject()
        .put("asyncapi", VERSION)
        .put("info", new JsonObject().put("title", title).put("version", version))
        .put("defaultContentType", EventData.JSON)
        .put("channels", channels)
        .put("operations", operations)
        .put("components", new JsonObject().put("securitySchemes", securitySchemes()));
  }

  private static String nameOf(TopicPattern topics, Set<String> names) {
    String name = String.join("_", topics.segments()).replace("*", "any").replace(">", "all");
    String unique = name;
    for (int i = 2; !names.add(unique); i++) {
      unique = name + "_" + i;
    }
    return unique;
  }

  private static JsonObject channel(TopicDeclaration declared) {
    JsonObject channel =
        new JsonObject()
            .put("address", addressOf(declared.topics()))
            .put("messages", new JsonObject().put("event", message(declared)));
    JsonObject parameters = parameters(declared.topics());
    if (!parameters.isEmpty()) {
      channel.put("parameters", parameters);
    }
    describe(channel, declared);
    return channel;
  }

  private static String addressOf(TopicPattern topics) {
    return String.join(".", topics.segments()).replace("*", "{segment}").replace(">", "{rest}");
  }

  private static JsonObject parameters(TopicPattern topics) {
    JsonObject parameters = new JsonObject();
    if (topics.segments().contains("*")) {
      parameters.put("segment", new JsonObject().put("description", "one segment"));
    }
    if (topics.segments().contains(">")) {
      parameters.put(
          "rest", new JsonObject().put("description", "one or more segments, joined by '.'"));
    }
    return parameters;
  }

  private static void describe(JsonObject part, TopicDeclaration declared) {
    if (!declared.title().isEmpty()) {
      part.put("title", declared.title());
    }
    if (!declared.description().isEmpty()) {
      part.put("description", declared.description());
    }
  }

  private static JsonObject message(TopicDeclaration declared) {
    JsonObject message =
        new JsonObject().put("contentType", EventData.JSON).put("headers", headers());
    declared.schema().ifPresent(schema -> message.put("payload", schema));
    if (!declared.hiddenWithout().isEmpty()) {
      JsonObject hidden = new JsonObject();
      declared.hiddenWithout().forEach(hidden::put);
      message.put("x-gatehouse-hidden-without", hidden);
    }
    return message;
  }

  /** The attributes of CloudEvents 1.0 that every event has. */
  private static JsonObject headers() {
    JsonObject text = new JsonObject().put("type", "string");
    return new JsonObject()
        .put("type", "object")
        .put("required", new JsonArray().add("id").add("source").add("type"))
        .put(
            "properties",
            new JsonObject()
                .put("id", text)
                .put("source", text.copy().put("format", "uri-reference"))
                .put("type", text)
                .put("time", text.copy().put("format", "date-time"))
                .put("subject", text));
  }

  private static JsonObject operation(String name, TopicDeclaration declared) {
    JsonObject operation =
        new JsonObject()
            .put("action", "send")
            .put("channel", reference("#/channels/" + name))
            .put(
                "messages",
                new JsonArray().add(reference("#/channels/" + name + "/messages/event")))
            .put("security", new JsonArray().add(reference("#/components/securitySchemes/bearer")));
    JsonArray scopes = new JsonArray();
    declared.scopes().stream().sorted().forEach(scopes::add);
    return operation.put("x-gatehouse-scopes", scopes);
  }

  private static JsonObject securitySchemes() {
    JsonObject bearer =
        new JsonObject()
            .put("type", "http")
            .put("scheme", "bearer")
            .put("description", "the tenant is that of the token");
    return new JsonObject().put("bearer", bearer);
  }

  private static JsonObject reference(String to) {
    return new JsonObject().put("$ref", to);
  }
}
