package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What follows from a scheme's parts taken together: which engine it needs, what it reads. */
public final class SchemeShape {
  private static final Pattern PARAM = Pattern.compile("\\{param\\.([a-z0-9_]+)\\}");
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  private SchemeShape() {}

  static boolean needsWholeRequest(Scheme scheme) {
    Reading reading = scheme.reading();
    Grammar grammar = scheme.grammar();
    boolean listed =
        grammar.kind() == Grammar.Kind.LIST || grammar.kind() == Grammar.Kind.POSITIONAL;
    return listed
        || reading.algorithmIn() != null
        || reading.headerList() != null
        || reading.covers() != Reading.Covers.BODY
        || scheme.accepts().stream().anyMatch(a -> a.algorithm().isHashWithSecret())
        || scheme.contents().stream().anyMatch(SchemeShape::needsWholeRequest)
        || scheme.variants().stream().anyMatch(SchemeShape::needsWholeRequest);
  }

  private static boolean needsWholeRequest(Scheme.Content content) {
    ContentTemplate template = content.template();
    return content.when() != null
        || (template != null && !template.worked().isEmpty())
        || content.requirements().stream().anyMatch(Requirement.OnlyField.class::isInstance);
  }

  private static boolean needsWholeRequest(Scheme.Variant variant) {
    TimeRule time = variant.time();
    boolean timeApart =
        time != null
            && (time.in().kind() == ValueSource.Kind.FORM
                || time.in().kind() == ValueSource.Kind.FIELD);
    return timeApart
        || variant.places().stream()
            .anyMatch(p -> p.in().kind() != ValueSource.Kind.HEADER || !p.prefix().isEmpty());
  }

  /**
   * Whether its signatures cover an id of a header's, the raw body, and nothing else but texts and
   * the time; and all of the body tells a delivery from others of its id.
   */
  public static boolean signsIdAndBody(Scheme scheme) {
    return scheme.jwt() == null
        && scheme.message() == null
        && scheme.attempt() == null
        && !scheme.retryBodiesDiffer()
        && !scheme.hasTimeInBody()
        && scheme.contents().stream().allMatch(SchemeShape::signsIdAndBody)
        && scheme.variants().stream()
            .flatMap(variant -> variant.ids().stream())
            .allMatch(id -> id.kind() == ValueSource.Kind.HEADER);
  }

  private static boolean signsIdAndBody(Scheme.Content content) {
    ContentTemplate template = content.template();
    return template != null && template.isPlain() && template.signsId();
  }

  /** Whether a value is signed as a part of another part, such as a field among lines. */
  static boolean isWithin(Scheme scheme, ContentTemplate template, ValueSource source) {
    HeaderList list = scheme.reading().headerList();
    return switch (source.kind()) {
      case HEADER ->
          list != null
              && template.has(RequestPart.Kind.HEADERS)
              && list.required().contains(source.name().toLowerCase(Locale.ROOT));
      case FIELD -> template.has(RequestPart.Kind.FIELDS);
      case JSON -> template.worked().stream().anyMatch(p -> p.pointers().contains(source.name()));
      case FORM ->
          template.worked().stream()
              .anyMatch(
                  p -> p.kind() == RequestPart.Kind.FORM && p.argument().equals(source.name()));
      default -> false;
    };
  }

  /** Whether a value of this request is signed, under the content that matched. */
  public static boolean isSigned(Scheme scheme, Scheme.Content content, ValueSource source) {
    ContentTemplate template = content.template();
    if (template == null) {
      return scheme.protectsIntegrity() && source.isInBody();
    }
    return (scheme.protectsIntegrity() && source.isInBody()) || isWithin(scheme, template, source);
  }

  /** Every JSON pointer that has to be read before a signature can be judged. */
  public static Set<String> pointers(Scheme scheme) {
    List<@Nullable ValueSource> sources = new ArrayList<>();
    Set<String> pointers = new LinkedHashSet<>();
    for (Scheme.Variant variant : scheme.variants()) {
      variant.places().forEach(place -> sources.add(place.in()));
      TimeRule time = variant.time();
      sources.add(time == null ? null : time.in());
      sources.addAll(variant.ids());
    }
    sources.add(scheme.reading().algorithmIn());
    for (Scheme.Content content : scheme.contents()) {
      Scheme.When when = content.when();
      sources.add(when == null ? null : when.in());
      ContentTemplate template = content.template();
      if (template != null) {
        template.worked().forEach(part -> pointers.addAll(part.pointers()));
      }
    }
    for (ValueSource source : sources) {
      if (source != null && source.kind() == ValueSource.Kind.JSON) {
        pointers.add(source.name());
      }
    }
    return pointers;
  }

  // --- configured constants in the scheme itself

  static Scheme with(Scheme scheme, Map<String, String> given) {
    Map<String, String> values = scheme.completed(given);
    List<Scheme.Variant> variants =
        scheme.variants().stream()
            .map(
                v ->
                    new Scheme.Variant(
                        v.places().stream().map(p -> filled(p, values)).toList(),
                        v.time(),
                        v.ids()))
            .toList();
    List<Acceptance> accepts =
        strongEnough(scheme, values).stream()
            .map(a -> a.labelled(filled(a.label(), values, false)))
            .toList();
    if (variants.equals(scheme.variants()) && accepts.equals(scheme.accepts())) {
      return scheme;
    }
    return copy(scheme, accepts, variants);
  }

  /** The same scheme with its times written in another unit. */
  static Scheme withTimeUnit(Scheme scheme, TimeRule.Unit unit) {
    List<Scheme.Variant> variants = new ArrayList<>();
    for (Scheme.Variant variant : scheme.variants()) {
      TimeRule time = variant.time();
      variants.add(
          new Scheme.Variant(
              variant.places(),
              time == null ? null : new TimeRule(time.in(), unit, time.window()),
              variant.ids()));
    }
    return copy(scheme, scheme.accepts(), List.copyOf(variants));
  }

  /** The same scheme with its MACs made by another algorithm. */
  static Scheme withAlgorithm(Scheme scheme, Algorithm algorithm) {
    List<Acceptance> accepts =
        scheme.accepts().stream()
            .map(a -> a.algorithm().isMac() ? a.with(algorithm) : a)
            .distinct()
            .toList();
    return copy(scheme, accepts, scheme.variants());
  }

  private static Scheme copy(
      Scheme scheme, List<Acceptance> accepts, List<Scheme.Variant> variants) {
    return new Scheme(
        scheme.name(),
        scheme.title(),
        scheme.aliases(),
        scheme.confidence(),
        scheme.methods(),
        scheme.body(),
        scheme.grammar(),
        accepts,
        scheme.message(),
        variants,
        scheme.contents(),
        scheme.requirements(),
        scheme.urlForms(),
        scheme.types(),
        scheme.params(),
        scheme.jwt(),
        scheme.keys(),
        scheme.handshakes(),
        scheme.owner(),
        scheme.equalBodies(),
        scheme.retryBodiesDiffer(),
        scheme.tokenVouchesForId(),
        scheme.attempt(),
        scheme.delivery(),
        scheme.reading(),
        scheme.notes(),
        scheme.uncertain(),
        scheme.sources(),
        scheme.vectors());
  }

  private static Scheme.Place filled(Scheme.Place place, Map<String, String> values) {
    boolean header = place.in().kind() == ValueSource.Kind.HEADER;
    String name = filled(place.in().name(), values, header);
    return name.equals(place.in().name())
        ? place
        : new Scheme.Place(new ValueSource(place.in().kind(), name), place.slot(), place.prefix());
  }

  private static String filled(String text, Map<String, String> values, boolean headerName) {
    Matcher named = PARAM.matcher(text);
    if (!named.find()) {
      return text;
    }
    String value = values.getOrDefault(named.group(1), "");
    if (value.isBlank() || (headerName && !HEADER_NAME.matcher(value).matches())) {
      throw new IllegalArgumentException(
          "params."
              + named.group(1)
              + (headerName ? " must be a header's name" : " is missing: the scheme needs it"));
    }
    return named.replaceFirst(Matcher.quoteReplacement(value));
  }

  private static List<Acceptance> strongEnough(Scheme scheme, Map<String, String> values) {
    String minimum = values.getOrDefault(scheme.reading().minimum(), "");
    List<Acceptance> accepts = scheme.accepts();
    if (scheme.reading().minimum().isEmpty() || minimum.isEmpty()) {
      return accepts;
    }
    for (int i = 0; i < accepts.size(); i++) {
      if (StrictJson.nameOf(accepts.get(i).algorithm()).equals(minimum)) {
        return accepts.subList(i, accepts.size());
      }
    }
    throw new IllegalArgumentException(
        "params."
            + scheme.reading().minimum()
            + " must be one of "
            + String.join(
                ", ", accepts.stream().map(a -> StrictJson.nameOf(a.algorithm())).toList()));
  }
}
