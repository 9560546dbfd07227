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
    boolean byLength = scheme.grammar().kind() != Grammar.Kind.ENTRIES;
    for (Acceptance acceptance : scheme.accepts()) {
      // Without labels, the length of what was decoded tells, and the operator's minimum.
      String told = byLength && scheme.needsWholeRequest() ? acceptance.algorithm().name() : "";
      if (!labels.add(acceptance.label() + ' ' + acceptance.chosen() + ' ' + told)) {
        problems.add(at(path, "signature.accept"), "has two entries for one label");
      }
    }
    if (scheme.isToken() && scheme.accepts().size() > 1) {
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
    checkOwner(scheme, path, problems);
    checkRetries(scheme, path, problems);
    checkIdentity(scheme, path, problems);
    checkHeaderSets(scheme, path, problems);
    ReadingChecks.check(scheme, path, problems);
    for (Scheme.Variant variant : scheme.variants()) {
      if (variant.time() != null && scheme.jwt() == null && !scheme.signsTime()) {
        problems.add(
            at(path, "time"),
            "is not part of the content: a time that is not signed must" + " not be trusted");
      }
      if (variant.time() != null
          && variant.time().in().kind() == ValueSource.Kind.ELEMENT
          && !ReadingChecks.hasElement(scheme.grammar(), variant.time().in().name())) {
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
    if (scheme.isToken() && !templates.isEmpty()) {
      problems.add(at(path, "content"), "is not signed by a token: leave it out");
    }
    boolean chosen = scheme.contents().stream().anyMatch(c -> !c.whenQuery().isEmpty());
    if (chosen && !templates.stream().allMatch(ContentTemplate::signsUrl)) {
      problems.add(at(path, "content"), "is chosen by the query: every template has to sign {url}");
    }
    if (scheme.jwt() == null
        && scheme.message() == null
        && templates.stream().anyMatch(scheme::signsTime)
        && !templates.stream().allMatch(scheme::signsTime)) {
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

  // Whoever has the provider sign for him chooses all that is not signed.
  private static void checkOwner(Scheme scheme, String path, Problems problems) {
    Handshake.Compare owner = scheme.owner();
    if (owner == null) {
      return;
    }
    boolean signed =
        owner.in().kind() == ValueSource.Kind.JSON
            && scheme.contents().stream()
                .allMatch(content -> SchemeShape.isSigned(scheme, content, owner.in()));
    if (!signed) {
      problems.add(at(path, "owner.in"), "must be json:/POINTER to what the signature covers");
    }
    if (!scheme.params().containsKey(owner.param())) {
      problems.add(at(path, "owner.param"), "names " + owner.param() + ", which params lacks");
    }
  }

  private static void checkRetries(Scheme scheme, String path, Problems problems) {
    if (scheme.retryBodiesDiffer() && !hasSignedIdInBody(scheme)) {
      problems.add(
          at(path, "retryBodiesDiffer"),
          "needs a signed id in the body, such as id: json:/id, to tell deliveries apart");
    }
  }

  private static boolean hasSignedIdInBody(Scheme scheme) {
    return scheme.protectsIntegrity()
        && scheme.variants().stream()
            .allMatch(v -> !v.ids().isEmpty() && v.ids().stream().allMatch(ValueSource::isInBody));
  }

  private static void checkIdentity(Scheme scheme, String path, Problems problems) {
    ValueSource attempt = scheme.attempt();
    boolean isIdentified = scheme.tokenVouchesForId() || hasSignedIdInBody(scheme);
    if (attempt != null && !(isIdentified && attempt.kind() == ValueSource.Kind.JSON)) {
      problems.add(
          at(path, "attempt"),
          "must be json:/POINTER, beside a signed id in the body or tokenVouchesForId, which tell"
              + " deliveries apart");
    }
    boolean vouchable =
        scheme.isToken()
            || (scheme.jwt() != null && !scheme.protectsIntegrity())
            || scheme.reading().covers() == Reading.Covers.CHECKSUM;
    if (scheme.tokenVouchesForId() && !vouchable) {
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
      variant.places().forEach(place -> names.add(place.in().name()));
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
      if (!scheme.isToken() && scheme.jwt() == null && scheme.message() == null) {
        problems.add(path, "is missing: say what is signed, such as \"{time}.{body}\"");
      }
      return;
    }
    for (Scheme.Variant variant : scheme.variants()) {
      checkNamed(scheme, variant, template, path, problems);
    }
    for (String param : template.params()) {
      if (!scheme.params().containsKey(param)) {
        problems.add(path, "signs {param." + param + "}, which params lacks");
      }
    }
    checkCover(scheme, content, template, path, problems);
    boolean formOnly =
        !template.readsForm()
            || content.requirements().stream().anyMatch(Requirement.FormBody.class::isInstance);
    if (!formOnly) {
      problems.add(path, "signs {form}: require formBody: true, or other bodies pass unsigned");
    }
  }

  private static void checkNamed(
      Scheme scheme,
      Scheme.Variant variant,
      ContentTemplate template,
      String path,
      Problems problems) {
    if (template.signsTime() && variant.time() == null) {
      problems.add(path, "signs {time}: say with time where it stands");
    }
    boolean one =
        variant.ids().size() == 1
            && (variant.ids().get(0).kind() == ValueSource.Kind.HEADER
                || scheme.needsWholeRequest());
    if (template.signsId() && !one) {
      problems.add(path, "signs {id}: say with id: header:NAME where it stands");
    }
  }

  private static void checkCover(
      Scheme scheme,
      Scheme.Content content,
      ContentTemplate template,
      String path,
      Problems problems) {
    boolean whole =
        template.covers() == Reading.Covers.BODY
            || content.requirements().stream()
                .anyMatch(
                    r -> r instanceof Requirement.BodyHash || r instanceof Requirement.OnlyField);
    Reading.Covers covers = whole ? Reading.Covers.BODY : template.covers();
    Reading.Covers stated = scheme.reading().covers();
    if (covers == Reading.Covers.NOTHING && stated != covers && !template.signsHost()) {
      problems.add(path, "signs neither the body nor the URL");
    } else if (covers.compareTo(stated) > 0 && covers == Reading.Covers.NOTHING) {
      problems.add(
          path,
          "leaves the body unsigned: sign {body} or require bodyHash, or admit it with covers:"
              + " nothing");
    } else if (covers.compareTo(stated) > 0) {
      problems.add(
          path,
          "leaves parts of the body open to change: sign {body}, or admit it with covers: "
              + dev.gatehouse.core.StrictJson.nameOf(covers));
    }
  }

  static String at(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
