package dev.gatehouse.webhook;

import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the id and the event's type of a delivery whose signature was found right, and tells of
 * each whether that signature covers it.
 */
final class AttestedValues {
  private final Scheme scheme;

  AttestedValues(Scheme scheme) {
    this.scheme = scheme;
  }

  /**
   * The delivery's id, or null.
   *
   * @param json what was read from the body, by its JSON pointers
   */
  @Nullable Attested deliveryId(
      MatchedSignature matched,
      RequestHead head,
      WebhookRequest request,
      Map<String, String> json) {
    if (matched.message() != null) {
      return messageId(matched, matched.message(), request, json);
    }
    ContentTemplate template = matched.content().template();
    String inHeader = head.id();
    if (inHeader != null && head.token() != null) {
      return new Attested(inHeader, true);
    }
    if (inHeader != null && template != null && template.signsId()) {
      return new Attested(inHeader, true);
    }
    // A signed id in the body goes before a header that anybody may add, or a replay with such a
    // header would be another delivery.
    boolean bodySigned = scheme.protectsIntegrity();
    if (inHeader != null && !bodySigned) {
      return new Attested(inHeader, false);
    }
    for (ValueSource id : matched.variant().ids()) {
      String value =
          switch (id.kind()) {
            case JSON -> json.get(id.name());
            case FORM -> formField(request, id.name());
            default -> null;
          };
      if (value != null && !value.isBlank()) {
        return new Attested(value, bodySigned);
      }
    }
    return inHeader == null ? null : new Attested(inHeader, false);
  }

  // The first that is signed; others, which anybody may add, only where there is none.
  private @Nullable Attested messageId(
      MatchedSignature matched,
      MessageVerdict.Accepted message,
      WebhookRequest request,
      Map<String, String> json) {
    Attested unsigned = null;
    for (ValueSource id : matched.variant().ids()) {
      String value =
          switch (id.kind()) {
            case ELEMENT -> message.input().text(id.name()).orElse(null);
            case HEADER ->
                request.headers().isAmbiguous(id.name())
                    ? null
                    : request.headers().first(id.name());
            case JSON -> json.get(id.name());
            case FORM -> formField(request, id.name());
            default -> null;
          };
      if (value == null || value.isBlank()) {
        continue;
      }
      if (matched.covers(scheme, id)) {
        return new Attested(value, true);
      }
      unsigned = unsigned == null ? new Attested(value, false) : unsigned;
    }
    return unsigned;
  }

  /** The event's type; a body is read for it at each call. */
  Optional<Attested> eventType(VerifiedWebhook webhook) {
    WebhookRequest request = webhook.request();
    for (ValueSource type : scheme.types()) {
      Optional<String> value =
          switch (type.kind()) {
            case HEADER ->
                request.headers().isAmbiguous(type.name())
                    ? Optional.empty()
                    : Optional.ofNullable(request.headers().first(type.name()));
            case JSON ->
                JsonScalars.read(request.bodyBytes(), List.of(type.name()))
                    .map(found -> found.get(type.name()));
            case FORM -> Optional.ofNullable(formField(request, type.name()));
            default -> Optional.empty();
          };
      if (value.isPresent()) {
        return Optional.of(new Attested(value.get(), webhook.matched().covers(scheme, type)));
      }
    }
    return Optional.empty();
  }

  // The content type is not signed, so it must not decide: a captured form that comes again as
  // text/plain is still the same delivery.
  private static @Nullable String formField(WebhookRequest request, String name) {
    if (JsonScalars.read(request.bodyBytes(), List.of()).isPresent()) {
      return null;
    }
    return FormPairs.read(request.bodyBytes())
        .filter(form -> !form.isAmbiguous(name))
        .flatMap(form -> form.first(name))
        .orElse(null);
  }
}
