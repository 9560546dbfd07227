package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.WebhookRequest.AMBIGUOUS;

import dev.gatehouse.webhook.scheme.BodyChecksum;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.FieldLines;
import dev.gatehouse.webhook.scheme.HeaderList;
import dev.gatehouse.webhook.scheme.Pair;
import dev.gatehouse.webhook.scheme.RequestPart;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SignedParts.Worked;
import dev.gatehouse.webhook.scheme.SortedPairs;
import dev.gatehouse.webhook.scheme.SortedTarget;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.UrlParts;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Works out the parts of signed content that need the whole request; or says why it cannot. */
final class WorkedParts {
  private static final byte[] NOTHING = new byte[0];

  private final Scheme scheme;
  private final Scheme.Variant variant;
  private final RequestValues values;
  private final SignatureTexts texts;
  private final int item;
  private final Map<String, Worked> parts = new HashMap<>();

  private WorkedParts(
      Scheme scheme, Scheme.Variant variant, RequestValues values, SignatureTexts texts, int item) {
    this.scheme = scheme;
    this.variant = variant;
    this.values = values;
    this.texts = texts;
    this.item = item;
  }

  /** The parts by their names, or why one of them cannot be had. */
  record Outcome(Map<String, Worked> parts, @Nullable RejectReason flaw) {}

  static Outcome of(
      Scheme scheme,
      Scheme.Variant variant,
      ContentTemplate template,
      RequestValues values,
      SignatureTexts texts,
      int item) {
    WorkedParts worked = new WorkedParts(scheme, variant, values, texts, item);
    for (RequestPart part : template.worked()) {
      RejectReason flaw = worked.add(part);
      if (flaw != null) {
        return new Outcome(Map.of(), flaw);
      }
    }
    return new Outcome(worked.parts, null);
  }

  private @Nullable RejectReason add(RequestPart part) {
    WebhookRequest request = values.request();
    return switch (part.kind()) {
      case JSON -> json(part);
      case FORM -> text(part, only(new ValueSource(ValueSource.Kind.FORM, part.argument())));
      case ELEMENT -> element(part);
      case ATTEMPT -> attempt(part);
      case LINES -> lines(part);
      case FIELDS -> fields(part);
      case HEADERS -> headers(part);
      case SHA256 -> put(part, Fingerprint.sha256(request.bodyBytes()));
      case CRC32 -> text(part, BodyChecksum.crc32(request.bodyBytes()));
      case URL_BASE -> text(part, UrlParts.base(request.url()));
      case ESCAPED_TARGET -> text(part, UrlParts.twiceEscapedTarget(request.url()));
      case SORTED_QUERY -> sortedQuery(part);
      case SORTED_TARGET -> sortedTarget(part);
    };
  }

  private @Nullable RejectReason put(RequestPart part, byte[] bytes) {
    parts.put(part.name(), new Worked(bytes, bytes));
    return null;
  }

  private @Nullable RejectReason text(RequestPart part, @Nullable String text) {
    if (text == null) {
      return RejectReason.MALFORMED_BODY;
    }
    return put(part, text.getBytes(StandardCharsets.UTF_8));
  }

  private @Nullable String only(ValueSource source) {
    String value = values.value(source, texts, item);
    return AMBIGUOUS.equals(value) ? null : value;
  }

  // A structure must not pass for an absent field: what reads the body later would see it there.
  private @Nullable RejectReason json(RequestPart part) {
    Optional<JsonFields> fields = values.json();
    if (fields.isEmpty()) {
      return RejectReason.MALFORMED_BODY;
    }
    JsonFields.Field field = fields.get().field(part.argument(), item);
    if (field == null || field.type() == JsonFields.Type.NULL) {
      return part.orEmpty() ? put(part, NOTHING) : RejectReason.MALFORMED_BODY;
    }
    if (!field.isScalar() || part.couldBeCut(field.text())) {
      return RejectReason.MALFORMED_BODY;
    }
    return text(part, field.text());
  }

  private @Nullable RejectReason element(RequestPart part) {
    String value = texts.element(part.argument());
    if (value == null || part.couldBeCut(value)) {
      return RejectReason.MALFORMED_SIGNATURE;
    }
    return put(part, value.getBytes(StandardCharsets.ISO_8859_1));
  }

  private @Nullable RejectReason attempt(RequestPart part) {
    String value = values.header(part.argument());
    if (value == null) {
      return RejectReason.MISSING_ID;
    }
    if (value.equals(AMBIGUOUS)) {
      return RejectReason.AMBIGUOUS_HEADER;
    }
    if (!RequestHead.isPlain(value) || part.couldBeCut(value)) {
      return RejectReason.MALFORMED_ID;
    }
    parts.put(part.name(), new Worked(value.getBytes(StandardCharsets.ISO_8859_1), NOTHING));
    return null;
  }

  private @Nullable RejectReason lines(RequestPart part) {
    Optional<JsonFields> fields = values.json();
    if (fields.isEmpty()) {
      return RejectReason.MALFORMED_BODY;
    }
    FieldLines lines = FieldLines.parse(part.argument());
    Map<String, String> found = new HashMap<>();
    for (String name : lines.names()) {
      JsonFields.Field field = fields.get().field("/" + name, item);
      if (field == null || field.type() == JsonFields.Type.NULL) {
        continue;
      }
      if (field.type() != JsonFields.Type.STRING) {
        return RejectReason.MALFORMED_BODY;
      }
      found.put(name, field.text());
    }
    return both(
        part,
        lines.render(found, ""),
        lines.render(found, timeName(ValueSource.Kind.JSON).replaceFirst("^/", "")),
        RejectReason.MALFORMED_BODY);
  }

  private @Nullable RejectReason fields(RequestPart part) {
    Optional<List<Pair>> all = values.parameters();
    if (all.isEmpty()) {
      return RejectReason.MALFORMED_BODY;
    }
    String signature = variant.places().get(0).in().name();
    String time = timeName(ValueSource.Kind.FIELD);
    List<Pair> signed = all.get().stream().filter(p -> !p.name().equals(signature)).toList();
    List<Pair> lasting =
        signed.stream()
            .filter(p -> !p.name().equals(time) && !p.name().equals(part.argument()))
            .toList();
    return both(
        part,
        SortedPairs.ampersandLed(signed),
        SortedPairs.ampersandLed(lasting),
        RejectReason.MALFORMED_BODY);
  }

  private @Nullable RejectReason headers(RequestPart part) {
    HeaderList list = scheme.reading().headerList();
    String text = list == null ? null : values.value(list.in(), texts, item);
    if (list == null || text == null) {
      return RejectReason.MISSING_SIGNATURE;
    }
    if (text.equals(AMBIGUOUS)) {
      return RejectReason.AMBIGUOUS_HEADER;
    }
    Optional<List<String>> names = list.names(text);
    if (names.isEmpty()) {
      return RejectReason.MALFORMED_SIGNATURE;
    }
    for (String name : names.get()) {
      if (AMBIGUOUS.equals(values.header(name))) {
        return RejectReason.AMBIGUOUS_HEADER;
      }
    }
    if (!list.named() && !beginsAsJson(values.request().bodyBytes())) {
      return RejectReason.MALFORMED_BODY;
    }
    String time = timeName(ValueSource.Kind.HEADER).toLowerCase(java.util.Locale.ROOT);
    Optional<String> signed = list.render(names.get(), "", values::header);
    Optional<String> lasting = list.render(names.get(), time, values::header);
    if (signed.isEmpty() || lasting.isEmpty()) {
      return RejectReason.MALFORMED_SIGNATURE;
    }
    parts.put(
        part.name(),
        new Worked(
            signed.get().getBytes(StandardCharsets.ISO_8859_1),
            lasting.get().getBytes(StandardCharsets.ISO_8859_1)));
    return null;
  }

  // Bare values run on into the body: what began a body could as well have ended a value. Values
  // that hold the beginning of a JSON body are refused, so a body must begin like one.
  private static boolean beginsAsJson(byte[] body) {
    return body.length == 0 || body[0] == '{' || body[0] == '[' || body[0] == '"';
  }

  private @Nullable RejectReason sortedQuery(RequestPart part) {
    Optional<List<Pair>> query = values.query().filter(pairs -> !SortedPairs.haveDoubles(pairs));
    return query.isEmpty()
        ? RejectReason.SIGNATURE_MISMATCH
        : text(part, SortedPairs.encoded(query.get()));
  }

  private @Nullable RejectReason sortedTarget(RequestPart part) {
    Optional<List<Pair>> query = values.query().filter(pairs -> !SortedPairs.haveDoubles(pairs));
    Optional<List<Pair>> form = values.form().filter(pairs -> !SortedPairs.haveDoubles(pairs));
    if (form.isEmpty()) {
      return RejectReason.MALFORMED_BODY;
    }
    Optional<String> target =
        query.flatMap(pairs -> SortedTarget.of(values.request().url(), pairs, form.get()));
    return target.isEmpty() ? RejectReason.SIGNATURE_MISMATCH : text(part, target.get());
  }

  private @Nullable RejectReason both(
      RequestPart part, Optional<String> signed, Optional<String> lasting, RejectReason flaw) {
    if (signed.isEmpty() || lasting.isEmpty()) {
      return flaw;
    }
    parts.put(
        part.name(),
        new Worked(
            signed.get().getBytes(StandardCharsets.UTF_8),
            lasting.get().getBytes(StandardCharsets.UTF_8)));
    return null;
  }

  private String timeName(ValueSource.Kind kind) {
    TimeRule time = variant.time();
    return time != null && time.in().kind() == kind ? time.in().name() : "";
  }
}
