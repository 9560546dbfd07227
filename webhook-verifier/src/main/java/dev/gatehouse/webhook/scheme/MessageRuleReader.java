package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.rfc9421.MessageAlgorithm;
import dev.gatehouse.webhook.rfc9421.MessageKey;
import dev.gatehouse.webhook.rfc9421.SignatureComponent;
import dev.gatehouse.webhook.rfc9421.StructuredField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the part of a scheme that is about HTTP message signatures. */
final class MessageRuleReader {
  private static final ValueSource CREATED = new ValueSource(ValueSource.Kind.ELEMENT, "created");
  private static final ValueSource NONCE = new ValueSource(ValueSource.Kind.ELEMENT, "nonce");

  private MessageRuleReader() {}

  static MessageRule read(StrictJson in) {
    if (in.has("in") || in.has("accept")) {
      in.problem(
          "grammar", "message-signature takes no in and no accept: say algorithms and required");
    }
    MessageRule rule =
        new MessageRule(
            required(in),
            algorithms(in),
            in.choice("secrets", MessageKey.SecretForm.class, MessageKey.SecretForm.BASE64),
            in.string("label", ""),
            in.string("tag", ""),
            in.bool("nonceRequired", false),
            structuredFields(in.child("structuredFields")),
            in.bool("dangerouslyAllowUnsignedBody", false));
    if (!rule.dangerouslyAllowUnsignedBody() && !rule.coversBody()) {
      in.problem(
          "required",
          "leaves the body unsigned: add content-digest, or say dangerouslyAllowUnsignedBody: true");
    }
    if (!MessageRule.isLabel(rule.label())) {
      in.problem("label", "cannot be a label: " + MessageRule.LABELS);
    }
    if (!MessageRule.isPrintable(rule.tag())) {
      in.problem("tag", MessageRule.UNPRINTABLE);
    }
    return rule;
  }

  private static List<SignatureComponent> required(StrictJson in) {
    List<SignatureComponent> required = new ArrayList<>();
    int index = 0;
    for (String text : in.strings("required")) {
      try {
        required.add(SignatureComponent.of(text));
      } catch (IllegalArgumentException e) {
        in.problem("required[" + index + "]", String.valueOf(e.getMessage()));
      }
      index++;
    }
    try {
      SignatureComponent.requireEachOnce(required);
    } catch (IllegalArgumentException e) {
      in.problem("required", String.valueOf(e.getMessage()));
    }
    return List.copyOf(required);
  }

  private static List<MessageAlgorithm> algorithms(StrictJson in) {
    List<MessageAlgorithm> algorithms = new ArrayList<>();
    for (String name : in.strings("algorithms")) {
      Optional<MessageAlgorithm> algorithm = MessageAlgorithm.named(name);
      if (algorithm.isEmpty()) {
        in.problem(
            "algorithms",
            "must be of "
                + String.join(
                    ", ", Stream.of(MessageAlgorithm.values()).map(a -> a.label()).toList()));
      }
      algorithm.ifPresent(algorithms::add);
    }
    if (algorithms.isEmpty()) {
      in.problem("algorithms", "is missing: list those whose keys are accepted");
    }
    return List.copyOf(algorithms);
  }

  private static Map<String, StructuredField.Kind> structuredFields(StrictJson in) {
    Map<String, StructuredField.Kind> fields = new LinkedHashMap<>();
    for (String name : in.keys()) {
      fields.put(
          name.toLowerCase(Locale.ROOT),
          in.choice(name, StructuredField.Kind.class, StructuredField.Kind.ITEM));
    }
    in.close();
    return fields;
  }

  /** What the other keys of a scheme have to say for it. */
  static void check(Scheme scheme, StrictJson in) {
    if (in.has("content")) {
      in.problem("content", "is not for message-signature: required says what is signed");
    }
    for (String key : List.of("headerSets", "require", "urlForms")) {
      if (in.has(key)) {
        in.problem(key, "is not for message-signature");
      }
    }
    Scheme.Variant variant = scheme.variants().get(0);
    TimeRule time = variant.time();
    if (time == null || !time.in().equals(CREATED) || time.unit() != TimeRule.Unit.S) {
      in.problem(
          "time", "must be { in: \"element:created\", unit: s, window: … } for message-signature");
    }
    for (ValueSource id : variant.ids()) {
      if (id.kind() == ValueSource.Kind.ELEMENT && !id.equals(NONCE)) {
        in.problem("id", "names an element: only element:nonce is one of message-signature");
      }
    }
  }
}
