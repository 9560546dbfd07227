package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The holes that open when the parts of a scheme that read the whole request do not fit. */
final class ReadingChecks {
  private static final Pattern PARAM = Pattern.compile("\\{param\\.([^}]*)\\}");

  private ReadingChecks() {}

  static void check(Scheme scheme, String path, Problems problems) {
    checkAlgorithms(scheme, path, problems);
    checkHeaderList(scheme, path, problems);
    checkConditions(scheme, path, problems);
    checkItems(scheme, path, problems);
    checkParams(scheme, path, problems);
    for (Scheme.Variant variant : scheme.variants()) {
      if (variant.places().isEmpty()) {
        problems.add(at(path, "signature.in"), "is missing: say where the signature stands");
      }
    }
    if (scheme.isToken() && scheme.reading().covers() != Reading.Covers.BODY) {
      problems.add(at(path, "covers"), "is for signatures: a token covers nothing anyway");
    }
    if (scheme.needsWholeRequest()
        && scheme.contents().stream().anyMatch(c -> !c.whenQuery().isEmpty())) {
      problems.add(at(path, "content"), "is chosen by the query: not together with such parts");
    }
  }

  /** Whether the grammar has elements of that name beside the signatures. */
  static boolean hasElement(Grammar grammar, String name) {
    return grammar.kind() == Grammar.Kind.ENTRIES
        || grammar.kind() == Grammar.Kind.MESSAGE_SIGNATURE
        || (grammar.kind() == Grammar.Kind.POSITIONAL && name.equals("0"));
  }

  private static void checkAlgorithms(Scheme scheme, String path, Problems problems) {
    boolean chosen = scheme.reading().algorithmIn() != null;
    for (Acceptance acceptance : scheme.accepts()) {
      if (chosen == acceptance.chosen().isEmpty()) {
        problems.add(
            at(path, "signature.accept"),
            chosen
                ? "lacks chosen: say for which value of algorithmIn each is"
                : "has chosen, but no algorithmIn says where the request chooses");
      }
    }
    if (scheme.grammar().kind() == Grammar.Kind.POSITIONAL
        && scheme.variants().stream().allMatch(v -> v.time() == null)) {
      problems.add(at(path, "signature.grammar"), "is positional: its element 0 is the time");
    }
    String minimum = scheme.reading().minimum();
    boolean weakFirst = true;
    for (int i = 1; i < scheme.accepts().size(); i++) {
      weakFirst &=
          !scheme.accepts().get(i).algorithm().isWeak()
              || scheme.accepts().get(i - 1).algorithm().isWeak();
    }
    if (!minimum.isEmpty() && !weakFirst) {
      problems.add(at(path, "signature.accept"), "must go from weak to strong: minimum cuts there");
    }
    boolean weak = scheme.accepts().stream().anyMatch(a -> a.algorithm().isWeak());
    if (weak && minimum.isEmpty()) {
      problems.add(
          at(path, "signature.minimum"),
          "is missing: a weak algorithm has to be refusable; name a param for it");
    }
  }

  private static void checkHeaderList(Scheme scheme, String path, Problems problems) {
    HeaderList list = scheme.reading().headerList();
    boolean used = templates(scheme).anyMatch(template -> template.has(RequestPart.Kind.HEADERS));
    if ((list != null) != used) {
      problems.add(
          at(path, "headerList"),
          used
              ? "is missing: the content has {headers}"
              : "is not used: the content lacks {headers}");
    }
    if (list == null) {
      return;
    }
    boolean listSigned =
        list.in().kind() == ValueSource.Kind.HEADER
            ? list.required().contains(list.in().name().toLowerCase(java.util.Locale.ROOT))
            : templates(scheme)
                .allMatch(
                    template ->
                        template.worked().stream()
                            .anyMatch(
                                part ->
                                    part.kind() == RequestPart.Kind.ELEMENT
                                        && part.argument().equals(list.in().name())));
    if (!listSigned) {
      problems.add(
          at(path, "headerList"),
          "is not signed itself: require its header in the list, or sign {element:…}; or names"
              + " could be taken off it");
    }
  }

  // Whoever sends the request chooses the content, so the choice itself has to be signed.
  private static void checkConditions(Scheme scheme, String path, Problems problems) {
    List<Scheme.Content> contents = scheme.contents();
    for (int i = 0; i < contents.size(); i++) {
      Scheme.When when = contents.get(i).when();
      ContentTemplate template = contents.get(i).template();
      if (when != null && when.in() != null && template != null) {
        String pointer = when.in().name();
        if (template.worked().stream().noneMatch(part -> part.pointers().contains(pointer))) {
          problems.add(
              at(path, "content"), "is chosen by " + pointer + ", so it has to sign that too");
        }
      }
      boolean onlyField =
          contents.get(i).requirements().stream().anyMatch(Requirement.OnlyField.class::isInstance);
      if (onlyField && (when == null || !when.form())) {
        problems.add(at(path, "content"), "requires onlyField: say when: { form: true }");
      }
    }
  }

  // One array, the same for signatures and for what they sign, or items would vouch for others.
  private static void checkItems(Scheme scheme, String path, Problems problems) {
    Set<String> arrays = new LinkedHashSet<>();
    for (Scheme.Variant variant : scheme.variants()) {
      for (Scheme.Place place : variant.places()) {
        arrays.add(place.in().itemsOf());
      }
      TimeRule time = variant.time();
      if (time != null && !time.in().itemsOf().isEmpty()) {
        problems.add(at(path, "time.in"), "must be one time for the whole request");
      }
    }
    boolean placed = arrays.stream().anyMatch(array -> !array.isEmpty());
    if (placed && arrays.size() > 1) {
      problems.add(at(path, "signature.in"), "stands in items and elsewhere: decide for one");
    }
    for (ContentTemplate template : templates(scheme).toList()) {
      for (RequestPart part : template.worked()) {
        boolean same =
            part.pointers().stream()
                .map(ValueSource::itemsOf)
                .allMatch(array -> array.isEmpty() || arrays.contains(array));
        if (!same) {
          problems.add(
              at(path, "content"), "signs items of an array whose items have no signature");
        }
      }
    }
    boolean twice =
        SchemeShape.pointers(scheme).stream()
            .anyMatch(p -> (p + "/").indexOf("/*/") != (p + "/").lastIndexOf("/*/"));
    if (twice) {
      problems.add(at(path, "signature.in"), "has two wildcards in one pointer: one is read");
    }
  }

  private static void checkParams(Scheme scheme, String path, Problems problems) {
    Stream.concat(
            scheme.variants().stream().flatMap(v -> v.places().stream()).map(p -> p.in().name()),
            scheme.accepts().stream().map(Acceptance::label))
        .forEach(
            text -> {
              Matcher named = PARAM.matcher(text);
              if (!named.find()) {
                return;
              }
              Scheme.Parameter param = scheme.params().get(named.group(1));
              if (param == null || (!param.required() && param.otherwise().isEmpty())) {
                problems.add(
                    at(path, "params." + named.group(1)),
                    "is named by the signature, so it needs required: true or a default");
              }
            });
    String minimum = scheme.reading().minimum();
    if (!minimum.isEmpty() && !scheme.params().containsKey(minimum)) {
      problems.add(at(path, "params"), "lacks " + minimum + ", which signature.minimum names");
    }
    Scheme.Parameter weakest = scheme.params().get(minimum);
    if (weakest != null
        && !weakest.otherwise().isEmpty()
        && scheme.accepts().stream()
            .noneMatch(a -> StrictJson.nameOf(a.algorithm()).equals(weakest.otherwise()))) {
      problems.add(at(path, "params." + minimum), "has a default that is not accepted at all");
    }
  }

  private static Stream<ContentTemplate> templates(Scheme scheme) {
    return scheme.contents().stream().map(Scheme.Content::template).flatMap(Stream::ofNullable);
  }

  private static String at(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
