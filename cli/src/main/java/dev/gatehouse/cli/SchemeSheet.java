package dev.gatehouse.cli;

import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.rfc9421.MessageAlgorithm;
import dev.gatehouse.webhook.rfc9421.SignatureComponent;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.KeyRule;
import dev.gatehouse.webhook.scheme.MessageRule;
import dev.gatehouse.webhook.scheme.Reading;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is known of a scheme, in words. */
final class SchemeSheet {
  private final Scheme scheme;

  SchemeSheet(Scheme scheme) {
    this.scheme = scheme;
  }

  /** How it is signed, in a few words. */
  String signature() {
    MessageRule message = scheme.message();
    if (message != null) {
      return message.algorithms().stream()
          .map(MessageAlgorithm::label)
          .collect(Collectors.joining(", "));
    }
    return scheme.accepts().stream()
        .map(a -> algorithm(a.algorithm()) + encoding(a))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Whether a time is signed, and how far off it may be. */
  String time() {
    return scheme.window().filter(w -> scheme.signsTime()).map(w -> "±" + span(w)).orElse("-");
  }

  String confidence() {
    return StrictJson.nameOf(scheme.confidence());
  }

  /** Everything, in sections. */
  Map<String, List<String>> sections() {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    sections.put("Signature", signatureLines());
    sections.put("Key", scheme.accepts().stream().map(SchemeSheet::key).distinct().toList());
    sections.put("Time", timeLines());
    sections.put("Delivery id", idLines());
    sections.put("Event type", scheme.types().stream().map(type -> where(type)).toList());
    sections.put("Params", paramLines());
    sections.put("Handshakes", scheme.handshakes().stream().map(SchemeSheet::handshake).toList());
    sections.put("Delivery", deliveryLines());
    sections.put("Notes", scheme.notes());
    sections.put("Vectors", vectorLines());
    sections.put("Uncertain", scheme.uncertain());
    sections.put("Sources", scheme.sources());
    sections.values().removeIf(List::isEmpty);
    return sections;
  }

  private List<String> vectorLines() {
    Map<String, Long> byOutcome =
        scheme.vectors().stream()
            .collect(
                Collectors.groupingBy(
                    Scheme.Vector::outcome, java.util.TreeMap::new, Collectors.counting()));
    return byOutcome.entrySet().stream().map(e -> e.getValue() + " " + e.getKey()).toList();
  }

  private static Optional<String> open(Reading.Covers covers) {
    return switch (covers) {
      case BODY -> Optional.empty();
      case FIELDS -> Optional.of("leaves open: all of the body but the fields above");
      case CHECKSUM -> Optional.of("leaves open: the body, of which only a checksum is signed");
      case NOTHING -> Optional.of("leaves open: the body, of which nothing else is signed");
    };
  }

  private static List<String> messageLines(MessageRule message) {
    return List.of(
        "in headers Signature and Signature-Input, as structured fields",
        "covers at least "
            + message.required().stream()
                .map(SignatureComponent::toString)
                .collect(Collectors.joining(" ")),
        "by a key for "
            + message.algorithms().stream()
                .map(MessageAlgorithm::label)
                .collect(Collectors.joining(", ")));
  }

  private List<String> signatureLines() {
    if (scheme.message() != null) {
      return messageLines(scheme.message());
    }
    List<String> lines = new ArrayList<>();
    for (Scheme.Variant variant : scheme.variants()) {
      String places =
          variant.places().stream()
              .limit(3)
              .map(p -> where(p.in()) + (p.slot().isEmpty() ? "" : " (" + p.slot() + " key)"))
              .collect(Collectors.joining(", "));
      String more = variant.places().size() > 3 ? " … " + variant.places().size() + " in all" : "";
      lines.add((lines.isEmpty() ? "in " : "or in ") + places + more);
    }
    for (Acceptance acceptance : scheme.accepts()) {
      lines.add(form(acceptance) + ": " + algorithm(acceptance.algorithm()) + encoding(acceptance));
    }
    for (Scheme.Content content : scheme.contents()) {
      if (scheme.jwt() == null) {
        lines.add(content(content));
      }
    }
    open(scheme.reading().covers()).ifPresent(lines::add);
    lines.addAll(TokenSheet.lines(scheme));
    if (scheme.grammar().repeated()) {
      lines.add("the header may come several times; any may match");
    }
    for (Requirement.HeaderEquals required : scheme.requirements()) {
      lines.add("header " + required.header() + " must be " + required.value());
    }
    if (scheme.urlForms().size() > 1) {
      lines.add(
          "URL tried as: "
              + scheme.urlForms().stream()
                  .map(f -> StrictJson.nameOf(f.kind()))
                  .collect(Collectors.joining(", ")));
    }
    return lines;
  }

  private String form(Acceptance acceptance) {
    Grammar grammar = scheme.grammar();
    if (grammar.kind() == Grammar.Kind.JWT) {
      return "token with alg " + acceptance.label();
    }
    if (grammar.kind() == Grammar.Kind.BARE) {
      return "written " + acceptance.label() + "…";
    }
    String separator = grammar.separator().equals(" ") ? "a space" : grammar.separator();
    String sets = grammar.sets().isEmpty() ? "" : ", in sets, each with a time of its own";
    return "entries " + acceptance.label() + grammar.assign() + "… split by " + separator + sets;
  }

  private static String content(Scheme.Content content) {
    ContentTemplate template = content.template();
    String when = content.whenQuery().isEmpty() ? "" : " (with ?" + content.whenQuery() + "=…)";
    String checks =
        content.requirements().stream()
            .map(
                r ->
                    r instanceof Requirement.BodyHash hash
                        ? "; query " + hash.query() + " must be the body's SHA-256"
                        : "; the body must be a form")
            .collect(Collectors.joining());
    return template == null
        ? "signs nothing: the header is the secret itself"
        : "signs " + template + when + checks;
  }

  private static String key(Acceptance acceptance) {
    KeyRule rule = acceptance.key();
    StringBuilder text = new StringBuilder();
    text.append(acceptance.algorithm().isPublicKey() ? "public key, " : "secret, ");
    text.append(
        rule.form() == Encoding.TEXT ? "used as text" : "written in " + encodingName(rule.form()));
    if (!rule.prefix().isEmpty()) {
      text.append(" after ").append(rule.prefix());
      text.append(rule.prefixRequired() ? "" : " (which may be left out)");
    }
    if (rule.minBytes() > 1) {
      text.append(", at least ").append(rule.minBytes()).append(" bytes");
    }
    if (!rule.signingPrefix().isEmpty()) {
      text.append("; to sign, the private key after ").append(rule.signingPrefix());
    }
    return text.toString();
  }

  private List<String> timeLines() {
    return scheme.variants().stream()
        .map(Scheme.Variant::time)
        .filter(java.util.Objects::nonNull)
        .map(SchemeSheet::time)
        .toList();
  }

  private static String time(TimeRule rule) {
    String unit =
        switch (rule.unit()) {
          case S -> "seconds since the epoch";
          case MS -> "milliseconds since the epoch";
          case RFC3339 -> "RFC 3339";
        };
    return where(rule.in())
        + ", in "
        + unit
        + ", signed; accepted within "
        + span(rule.window())
        + " of now, on both sides";
  }

  private List<String> idLines() {
    List<String> lines = new ArrayList<>();
    boolean signed = signsId();
    for (Scheme.Variant variant : scheme.variants()) {
      for (ValueSource id : variant.ids()) {
        boolean claim = id.kind() == ValueSource.Kind.CLAIM;
        boolean own = claim || scheme.isNonce(id);
        boolean covered = signed || own || (id.isInBody() && scheme.protectsIntegrity());
        lines.add(where(id) + (covered ? ", signed" : ", not signed"));
      }
    }
    return lines;
  }

  private boolean signsId() {
    for (Scheme.Content content : scheme.contents()) {
      ContentTemplate template = content.template();
      if (template != null && template.signsId()) {
        return true;
      }
    }
    return false;
  }

  private List<String> paramLines() {
    Table table = new Table();
    scheme
        .params()
        .forEach(
            (name, param) ->
                table.row(name, param.required() ? "required" : "optional", param.description()));
    return table.lines();
  }

  private static String handshake(Handshake handshake) {
    Handshake.Compare compare = handshake.compare();
    String compared =
        compare == null
            ? ""
            : ", "
                + where(compare.in())
                + (compare.list() ? " must be one of the param " : " must be the param ")
                + compare.param();
    String switched =
        handshake.enabledBy().isEmpty()
            ? ""
            : ", refused unless the param " + handshake.enabledBy() + " is true";
    Handshake.Answer answer = handshake.answer();
    return handshake.name()
        + ": "
        + handshake.method()
        + told(handshake.told())
        + (handshake.signed() ? ", signed" : ", not signed")
        + compared
        + switched
        + "; answered with "
        + answer.status()
        + (answer.body().isEmpty() ? "" : " " + answer.body())
        + answer.headers().entrySet().stream()
            .map(header -> ", " + header.getKey() + ": " + header.getValue())
            .collect(Collectors.joining())
        + confirmed(handshake.confirm());
  }

  private static String told(Handshake.Told told) {
    List<String> by = new ArrayList<>();
    told.query().forEach((name, value) -> by.add("?" + name + "=" + value));
    told.headers().forEach((name, value) -> by.add("header " + name + " " + value));
    told.json().forEach((pointer, value) -> by.add(pointer + " is " + value));
    told.present().forEach(source -> by.add(where(source)));
    told.absent().forEach(source -> by.add("no " + where(source)));
    return by.isEmpty() ? "" : " with " + String.join(" and ", by);
  }

  private static String confirmed(Handshake.@Nullable Confirm confirm) {
    if (confirm == null) {
      return "";
    }
    return "; where confirmSubscriptions is switched on, confirmed by a call to "
        + where(confirm.in())
        + " at "
        + confirm.hosts().stream().map(Object::toString).collect(Collectors.joining(" or "))
        + " only";
  }

  private List<String> deliveryLines() {
    Scheme.Delivery rules = scheme.delivery();
    List<String> lines = new ArrayList<>();
    lines.add("methods: " + scheme.methods().stream().sorted().collect(Collectors.joining(", ")));
    if (!rules.success().isEmpty()) {
      lines.add("success: " + rules.success());
    }
    if (!rules.deadline().isZero()) {
      lines.add("waits for an answer: " + span(rules.deadline()));
    }
    if (!rules.schedule().isEmpty()) {
      lines.add("retries: " + rules.schedule());
    }
    if (!rules.retrySpan().isZero()) {
      lines.add("a repetition is expected for up to " + span(rules.retrySpan()));
    }
    return lines;
  }

  private static String where(ValueSource source) {
    return switch (source.kind()) {
      case HEADER -> "header " + source.name();
      case ELEMENT -> "element " + source.name() + " of the signature header";
      case JSON -> "body " + source.name();
      case QUERY -> "query parameter " + source.name();
      case FORM -> "form field " + source.name();
      case FIELD -> "parameter " + source.name();
      case CLAIM -> "claim " + source.name();
    };
  }

  private static String algorithm(Algorithm algorithm) {
    return switch (algorithm) {
      case HMAC_SHA1 -> "HMAC-SHA1";
      case HMAC_SHA256 -> "HMAC-SHA256";
      case HMAC_SHA512 -> "HMAC-SHA512";
      case ED25519 -> "Ed25519";
      case ECDSA_P256_SHA256 -> "ECDSA-P256";
      case TOKEN -> "token";
      default -> algorithm.name().toLowerCase(Locale.ROOT).replace('_', '-');
    };
  }

  private static String encoding(Acceptance acceptance) {
    return acceptance.encoding() == Encoding.TEXT ? "" : " " + encodingName(acceptance.encoding());
  }

  private static String encodingName(Encoding encoding) {
    return StrictJson.nameOf(encoding);
  }

  private static String span(Duration duration) {
    if (duration.toSeconds() % 86_400 == 0) {
      return duration.toDays() + " d";
    }
    if (duration.toSeconds() % 3600 == 0) {
      return duration.toHours() + " h";
    }
    if (duration.toSeconds() % 60 == 0) {
      return duration.toMinutes() + " min";
    }
    return duration.toSeconds() + " s";
  }
}
