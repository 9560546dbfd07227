package dev.gatehouse.webhook;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.RequestPart;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/** Makes the least request in which everything stands that a scheme's signature needs. */
final class ExampleRequest {
  private final Scheme scheme;
  private final Scheme.Content content;
  private final String id;

  private ExampleRequest(Scheme scheme, String id) {
    this.scheme = scheme;
    this.content = contentOf(scheme);
    this.id = id;
  }

  static Outgoing of(Scheme scheme, String url, String id, Instant time) {
    ExampleRequest example = new ExampleRequest(scheme, id);
    String method = scheme.methods().contains("POST") ? "POST" : scheme.methods().iterator().next();
    byte[] body = example.isForm() ? example.form() : example.json(time);
    String type = example.isForm() ? RequestDraft.FORM_TYPE : "application/json";
    return new Outgoing(
        method,
        example.withBodyHash(url, body),
        Headers.of(List.of(new Header("Content-Type", type))),
        body,
        id,
        time);
  }

  // The content for requests of which nothing special is true, if there is one.
  private static Scheme.Content contentOf(Scheme scheme) {
    if (scheme.contents().isEmpty()) {
      return new Scheme.Content("", null, null, List.of());
    }
    return scheme.contents().stream()
        .filter(content -> content.when() == null && content.whenQuery().isEmpty())
        .findFirst()
        .orElse(scheme.contents().get(0));
  }

  private boolean isForm() {
    ContentTemplate template = content.template();
    boolean signsForm =
        template != null
            && (template.readsForm()
                || template.has(RequestPart.Kind.FORM)
                || template.has(RequestPart.Kind.SORTED_TARGET));
    Scheme.When when = content.when();
    return signsForm
        || (when != null && when.form())
        || scheme.variants().get(0).places().stream()
            .anyMatch(place -> place.in().kind() == ValueSource.Kind.FORM);
  }

  private List<RequestPart> worked() {
    ContentTemplate template = content.template();
    return template == null ? List.of() : template.worked();
  }

  private byte[] form() {
    StringBuilder form = new StringBuilder();
    worked().stream()
        .filter(part -> part.kind() == RequestPart.Kind.FORM)
        .forEach(part -> form.append(part.argument()).append('=').append(id));
    String text = form.isEmpty() ? "Body=hello&MessageSid=" + id : form.toString();
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] json(Instant time) {
    JsonBody json = JsonBody.read(new byte[0]);
    json.put("/id", 0, id);
    json.put("/type", 0, "test.sent");
    worked().stream()
        .flatMap(part -> part.pointers().stream())
        .forEach(pointer -> json.put(pointer, 0, id));
    Scheme.When when = content.when();
    ValueSource in = when == null ? null : when.in();
    if (when != null && in != null && in.kind() == ValueSource.Kind.JSON) {
      json.put(in.name(), 0, when.values().get(0));
    }
    TimeRule rule = scheme.variants().get(0).time();
    if (rule != null && rule.in().kind() == ValueSource.Kind.JSON) {
      String text = rule.unit().format(time);
      if (rule.unit() == TimeRule.Unit.RFC3339) {
        json.put(rule.in().name(), 0, text);
      } else {
        json.put(rule.in().name(), Long.parseLong(text));
      }
    }
    return json.bytes();
  }

  private String withBodyHash(String url, byte[] body) {
    for (Requirement requirement : content.requirements()) {
      if (requirement instanceof Requirement.BodyHash hash) {
        String hex = HexFormat.of().formatHex(Fingerprint.sha256(body));
        return url + (url.contains("?") ? "&" : "?") + hash.query() + "=" + hex;
      }
    }
    return url;
  }
}
