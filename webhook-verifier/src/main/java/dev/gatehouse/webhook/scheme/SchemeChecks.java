package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Problems;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What no single key of a scheme can tell: the holes that open when its parts do not fit. */
final class SchemeChecks {
  private SchemeChecks() {}

  // What no single key can tell.
  static void check(Scheme scheme, String path, Problems problems) {
    Set<String> labels = new LinkedHashSet<>();
    for (Acceptance acceptance : scheme.accepts()) {
      if (!labels.add(acceptance.label())) {
        problems.add(at(path, "signature.accept"), "has two entries for one label");
      }
    }
    boolean tokens = scheme.accepts().stream().anyMatch(a -> !a.algorithm().protectsIntegrity());
    if (tokens && scheme.accepts().size() > 1) {
      problems.add(
          at(path, "signature.accept"),
          "must not offer a token beside signatures: whoever lacks the key would take the token");
    }
    for (Scheme.Content content : scheme.contents()) {
      checkContent(scheme, content, at(path, "content"), problems);
    }
    checkContents(scheme, path, problems);
    JwtChecks.check(scheme, path, problems);
    if (scheme.hasTimeInBody()) {
      checkTimeInBody(scheme, path, problems);
    }
    checkRetries(scheme, path, problems);
    checkIdentity(scheme, path, problems);
    checkHeaderSets(scheme, path, problems);
    for (Scheme.Variant variant : scheme.variants()) {
      if (variant.time() != null && scheme.jwt() == null && !scheme.signsTime()) {
        problems.add(
            at(path, "time"),
            "is not part of the content: a time that is not signed must" + " not be trusted");
      }
      if (variant.time() != null
          && variant.time().in().kind() == ValueSource.Kind.ELEMENT
          && scheme.grammar().kind() == Grammar.Kind.BARE) {
        problems.add(at(path, "time.in"), "names an element, but the signature has no entries");
      }
    }
    HandshakeChecks.check(scheme, path, problems);
  }

  // Whoever sends a request picks the content by its query, so that query has to be signed, and no
  // content may be easier to satisfy than another.
  private static void checkContents(Scheme scheme, String path, Problems problems) {
    List<ContentTemplate> templates =
        scheme.contents().stream()
            .map(Scheme.Content::template)
            .flatMap(java.util.stream.Stream::ofNullable)
            .toList();
    boolean token = !scheme.protectsIntegrity() && scheme.message() == null && scheme.jwt() == null;
    if (token && !templates.isEmpty()) {
      problems.add(at(path, "content"), "is not signed by a token: leave it out");
    }
    boolean chosen = scheme.contents().stream().anyMatch(c -> !c.whenQuery().isEmpty());
    if (chosen && !templates.stream().allMatch(ContentTemplate::signsUrl)) {
      problems.add(at(path, "content"), "is chosen by the query: every template has to sign {url}");
    }
    if (scheme.jwt() == null
        && templates.stream().anyMatch(ContentTemplate::signsTime)
        && !templates.stream().allMatch(ContentTemplate::signsTime)) {
      problems.add(
          at(path, "content"), "signs {time} in one template only: a replay would use the other");
    }
  }

  // What is read from the body has to be what was signed, byte for byte.
  private static void checkTimeInBody(Scheme scheme, String path, Problems problems) {
    for (Scheme.Content content : scheme.contents()) {
      ContentTemplate template = content.template();
      if (template == null || !template.signsRawBody()) {
        problems.add(
            at(path, "time.in"),
            "stands in a body that is not signed raw: a time that is not signed must not be"
                + " trusted");
      } else if (template.signsTime()) {
        problems.add(at(path, "content"), "signs {time}, which stands in the body: leave it out");
      }
    }
  }

  private static void checkRetries(Scheme scheme, String path, Problems problems) {
    boolean idInBody =
        scheme.variants().stream()
            .allMatch(v -> !v.ids().isEmpty() && v.ids().stream().allMatch(ValueSource::isInBody));
    if (scheme.retryBodiesDiffer() && !(idInBody && scheme.protectsIntegrity())) {
      problems.add(
          at(path, "retryBodiesDiffer"),
          "needs a signed id in the body, such as id: json:/id, to tell deliveries apart");
    }
  }

  private static void checkIdentity(Scheme scheme, String path, Problems problems) {
    if (scheme.tokenVouchesForId() && (scheme.protectsIntegrity() || scheme.message() != null)) {
      problems.add(
          at(path, "tokenVouchesForId"),
          "is for tokens only: beside a signature, a replay would bring an id of its own");
    }
    for (Scheme.Content content : scheme.contents()) {
      ContentTemplate template = content.template();
      for (String param : template == null ? List.<String>of() : template.params()) {
        Scheme.Parameter declared = scheme.params().get(param);
        if (declared != null && !declared.required()) {
          problems.add(at(path, "params." + param), "is signed, so it needs required: true");
        }
      }
    }
  }

  private static void checkHeaderSets(Scheme scheme, String path, Problems problems) {
    for (Scheme.Variant variant : scheme.variants()) {
      List<String> names = new ArrayList<>();
      variant.places().forEach(place -> names.add(place.header()));
      variant.ids().forEach(id -> names.add(id.name()));
      if (variant.time() != null) {
        names.add(variant.time().in().name());
      }
      if (names.stream().anyMatch(name -> name.contains(SchemeReader.SET))) {
        problems.add(at(path, "headerSets"), "is missing: it says what {set} stands for");
      }
    }
    if (scheme.variants().stream().distinct().count() < scheme.variants().size()) {
      problems.add(at(path, "headerSets"), "has a set twice, or no name uses {set}");
    }
  }

  private static void checkContent(
      Scheme scheme, Scheme.Content content, String path, Problems problems) {
    ContentTemplate template = content.template();
    if (template == null) {
      if (scheme.protectsIntegrity() && scheme.jwt() == null && scheme.message() == null) {
        problems.add(path, "is missing: say what is signed, such as \"{time}.{body}\"");
      }
      return;
    }
    Scheme.Variant first = scheme.variants().get(0);
    if (template.signsTime() && first.time() == null) {
      problems.add(path, "signs {time}: say with time where it stands");
    }
    if (template.signsId()
        && (first.ids().size() != 1 || first.ids().get(0).kind() != ValueSource.Kind.HEADER)) {
      problems.add(path, "signs {id}: say with id: header:NAME where it stands");
    }
    for (String param : template.params()) {
      if (!scheme.params().containsKey(param)) {
        problems.add(path, "signs {param." + param + "}, which params lacks");
      }
    }
    boolean bodyChecked =
        template.signsBody()
            || content.requirements().stream().anyMatch(Requirement.BodyHash.class::isInstance);
    if (!bodyChecked) {
      problems.add(path, "leaves the body unsigned: sign {body} or require bodyHash");
    }
    boolean formOnly =
        !template.readsForm()
            || content.requirements().stream().anyMatch(Requirement.FormBody.class::isInstance);
    if (!formOnly) {
      problems.add(path, "signs {form}: require formBody: true, or other bodies pass unsigned");
    }
  }

  static String at(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
