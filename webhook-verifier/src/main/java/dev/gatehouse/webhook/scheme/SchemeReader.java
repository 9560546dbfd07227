package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a scheme from a tree of maps and lists, and reports everything that is wrong with it. */
public final class SchemeReader {
  private static final Duration DEFAULT_WINDOW = Duration.ofMinutes(5);
  private static final Duration MAX_WINDOW = Duration.ofDays(1);
  static final String SET = "{set}";

  private final StrictJson in;

  private SchemeReader(StrictJson in) {
    this.in = in;
  }

  /**
   * Reads a scheme.
   *
   * @param tree the scheme, as YAML or JSON was read
   * @param path where it stands, for messages
   * @param problems takes every mistake
   * @return the scheme, or empty if there was a mistake
   */
  public static Optional<Scheme> read(@Nullable Object tree, String path, Problems problems) {
    Problems own = new Problems();
    if (tree == null) {
      own.add(path, "is empty: a scheme needs name, signature and content");
    }
    Scheme scheme = new SchemeReader(StrictJson.object(tree, path, own)).scheme();
    if (own.isEmpty()) {
      SchemeChecks.check(scheme, path, own);
    }
    own.all().forEach(p -> problems.add(p.path(), p.message()));
    return own.isEmpty() ? Optional.of(scheme) : Optional.empty();
  }

  private Scheme scheme() {
    String name = in.requiredString("name");
    if (!name.isEmpty() && !name.matches("[a-z0-9][a-z0-9-]{0,62}")) {
      in.problem("name", "must be lower-case letters, digits and hyphens");
    }
    StrictJson signature = in.child("signature");
    Grammar grammar = grammar(signature);
    MessageRule message =
        grammar.kind() == Grammar.Kind.MESSAGE_SIGNATURE ? MessageRuleReader.read(signature) : null;
    List<Acceptance> accepts = signature.children("accept", item -> acceptance(item, grammar));
    List<Scheme.Place> places =
        message == null ? places(signature) : List.of(new Scheme.Place("Signature", ""));
    signature.close();
    if (accepts.isEmpty() && message == null) {
      signature.problem("accept", "is missing: list at least one kind of signature");
    }
    TimeRule time = in.has("time") ? time(in.child("time")) : null;
    Scheme scheme =
        new Scheme(
            name,
            in.string("title", name),
            in.strings("aliases"),
            in.choice("confidence", Scheme.Confidence.class, Scheme.Confidence.MEDIUM),
            methods(),
            in.choice("body", Scheme.BodyKind.class, Scheme.BodyKind.ANY),
            grammar,
            accepts,
            message,
            variants(places, time, sources(in, "id")),
            contents(),
            headerRequirements(),
            urlForms(),
            sources(in, "type"),
            params(),
            in.has("jwt") ? JwtRuleReader.read(in.child("jwt")) : null,
            in.has("keys") ? KeyLocationReader.read(in.child("keys")) : null,
            in.children("handshakes", HandshakeReader::read),
            in.bool("equalBodies", false),
            in.bool("retryBodiesDiffer", false),
            in.bool("tokenVouchesForId", false),
            delivery(in.child("delivery")),
            in.strings("notes"),
            in.strings("uncertain"),
            in.strings("sources"),
            in.children("vectors", SchemeReader::vector));
    if (message != null) {
      MessageRuleReader.check(scheme, in);
    }
    in.close();
    return scheme;
  }

  private Set<String> methods() {
    List<String> methods = in.strings("methods");
    return methods.isEmpty() ? Set.of("POST") : Set.copyOf(methods);
  }

  private static Grammar grammar(StrictJson in) {
    Grammar.Kind kind = in.choice("grammar", Grammar.Kind.class, Grammar.Kind.BARE);
    Grammar grammar =
        new Grammar(
            kind,
            in.string("separator", ""),
            in.string("assign", ""),
            in.choice("malformed", Grammar.Malformed.class, Grammar.Malformed.REFUSE),
            in.integer("maxEntries", 16, 1, 200),
            in.bool("trim", false),
            in.string("sets", ""),
            in.bool("repeated", false));
    checkLists(in, grammar);
    boolean entries = kind == Grammar.Kind.ENTRIES;
    if (kind == Grammar.Kind.JWT && in.has("malformed")) {
      in.problem("malformed", "is not for jwt: there is one token, and it is whole or refused");
    }
    if (entries && (grammar.separator().length() != 1 || grammar.assign().length() != 1)) {
      in.problem("grammar", "entries needs separator and assign, one character each");
    }
    if (!entries && !(grammar.separator() + grammar.assign()).isEmpty()) {
      in.problem("grammar", StrictJson.nameOf(kind) + " takes no separator and no assign");
    }
    if (entries && grammar.separator().equals(grammar.assign())) {
      in.problem("assign", "must not be the separator");
    }
    return grammar;
  }

  private static void checkLists(StrictJson in, Grammar grammar) {
    boolean bare = grammar.kind() == Grammar.Kind.BARE;
    if (bare && grammar.trim()) {
      in.problem("trim", "is for entries: a bare signature has one spelling");
    }
    String sets = grammar.sets();
    if (!sets.isEmpty() && (bare || sets.length() != 1)) {
      in.problem("sets", "is one character, between sets of entries");
    }
    if (!sets.isEmpty() && (sets + " ").contains(grammar.separator()) && !bare) {
      in.problem("sets", "must not be the separator, and the separator no space");
    }
    if (grammar.repeated() && !sets.isEmpty()) {
      in.problem("repeated", "excludes sets");
    }
  }

  private static Acceptance acceptance(StrictJson in, Grammar grammar) {
    String label = in.string(grammar.kind() == Grammar.Kind.BARE ? "prefix" : "label", "");
    if (grammar.kind() != Grammar.Kind.BARE && label.isEmpty()) {
      in.problem("label", "is missing: entries and tokens are chosen by their label");
    }
    if (grammar.kind() == Grammar.Kind.ENTRIES
        && (label.contains(grammar.separator()) || label.contains(grammar.assign()))
        && !grammar.separator().isEmpty()
        && !grammar.assign().isEmpty()) {
      in.problem("label", "holds the separator or assign, so no entry can have it");
    }
    if (!in.has("algorithm")) {
      in.problem("algorithm", "is missing");
    }
    Algorithm algorithm = in.choice("algorithm", Algorithm.class, Algorithm.HMAC_SHA256);
    Encoding encoding = in.choice("encoding", Encoding.class, defaultEncoding(algorithm, grammar));
    if (encoding == Encoding.TEXT && algorithm != Algorithm.TOKEN) {
      in.problem("encoding", "text is for tokens only");
    }
    StrictJson key = in.child("key");
    KeyRule rule =
        new KeyRule(
            key.choice("form", Encoding.class, defaultKeyForm(algorithm, grammar)),
            key.string("prefix", ""),
            key.bool("prefixRequired", false),
            key.string("signingPrefix", ""),
            key.integer("minBytes", 1, 1, 1024),
            key.integer("maxBytes", 1024, 1, 64 * 1024));
    if (algorithm.isPublicKey() && rule.form() == Encoding.TEXT) {
      key.problem("form", "is missing: a public key is written in hex or base64");
    }
    if (rule.minBytes() > rule.maxBytes()) {
      key.problem("minBytes", "is more than maxBytes: no key would do");
    }
    if (rule.prefixRequired() && rule.prefix().isEmpty()) {
      key.problem("prefixRequired", "needs a prefix: say which");
    }
    key.close();
    return new Acceptance(label, algorithm, encoding, rule);
  }

  private static Encoding defaultEncoding(Algorithm algorithm, Grammar grammar) {
    if (grammar.kind() == Grammar.Kind.JWT) {
      return Encoding.BASE64URL;
    }
    return algorithm == Algorithm.TOKEN ? Encoding.TEXT : Encoding.HEX;
  }

  // RFC 7515 leaves no choice; a key that is not a JWK is PEM, or base64 of the same.
  private static Encoding defaultKeyForm(Algorithm algorithm, Grammar grammar) {
    boolean spki = grammar.kind() == Grammar.Kind.JWT && algorithm.isPublicKey();
    return spki ? Encoding.BASE64 : Encoding.TEXT;
  }

  private static List<Scheme.Place> places(StrictJson signature) {
    Optional<Object> where = signature.any("in");
    if (where.isPresent() && where.get() instanceof List<?> list) {
      if (list.isEmpty()) {
        signature.problem("in", "is empty: say which header holds the signature");
      }
      return signature.children(
          "in", item -> new Scheme.Place(header(item, "header"), item.string("slot", "")));
    }
    return List.of(new Scheme.Place(headerSource(signature, "in"), ""));
  }

  private static String header(StrictJson in, String key) {
    String name = in.requiredString(key);
    if (!name.isEmpty() && !isHeaderName(name)) {
      in.problem(key, "must be a header's name");
    }
    return name;
  }

  private static boolean isHeaderName(String name) {
    return name.replace(SET, "").matches("[A-Za-z0-9_-]*");
  }

  private static String headerSource(StrictJson in, String key) {
    Optional<ValueSource> source = source(in, key, in.requiredString(key));
    if (source.isPresent() && source.get().kind() != ValueSource.Kind.HEADER) {
      in.problem(key, "must be header:NAME: signatures are read from headers");
    }
    return source.map(ValueSource::name).orElse("");
  }

  static Optional<ValueSource> source(StrictJson in, String key, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<ValueSource> source = ValueSource.parse(text);
    if (source.isEmpty()) {
      in.problem(
          key,
          "must be header:NAME, element:KEY, json:/POINTER, query:NAME, form:NAME or claim:NAME");
    }
    if (source.isPresent()
        && source.get().kind() == ValueSource.Kind.HEADER
        && !isHeaderName(source.get().name())) {
      in.problem(key, "must name a header: letters, digits and hyphens");
    }
    return source;
  }

  // One source, or a list of which the first found counts.
  private static List<ValueSource> sources(StrictJson in, String key) {
    Optional<Object> value = in.any(key);
    if (value.isEmpty()) {
      return List.of();
    }
    List<String> texts =
        value.get() instanceof List ? in.strings(key) : in.string(key).stream().toList();
    return texts.stream().flatMap(text -> source(in, key, text).stream()).toList();
  }

  private static @Nullable TimeRule time(StrictJson in) {
    Optional<ValueSource> source = source(in, "in", in.requiredString("in"));
    if (source.isPresent()
        && source.get().kind() != ValueSource.Kind.HEADER
        && source.get().kind() != ValueSource.Kind.CLAIM
        && source.get().kind() != ValueSource.Kind.ELEMENT
        && source.get().kind() != ValueSource.Kind.JSON) {
      in.problem("in", "must be header:NAME, element:KEY, json:/POINTER or claim:NAME of a token");
    }
    TimeRule.Unit unit = in.choice("unit", TimeRule.Unit.class, TimeRule.Unit.S);
    Duration window = in.duration("window", DEFAULT_WINDOW, Duration.ofSeconds(1), MAX_WINDOW);
    in.close();
    return source.map(s -> new TimeRule(s, unit, window)).orElse(null);
  }

  private List<Scheme.Variant> variants(
      List<Scheme.Place> places, @Nullable TimeRule time, List<ValueSource> ids) {
    List<String> sets = in.strings("headerSets");
    if (sets.isEmpty()) {
      return List.of(new Scheme.Variant(places, time, ids));
    }
    List<Scheme.Variant> variants = new ArrayList<>();
    for (String set : sets) {
      variants.add(
          new Scheme.Variant(
              places.stream()
                  .map(p -> new Scheme.Place(p.header().replace(SET, set), p.slot()))
                  .toList(),
              time == null ? null : new TimeRule(in(time.in(), set), time.unit(), time.window()),
              ids.stream().map(id -> in(id, set)).toList()));
    }
    return variants;
  }

  private static ValueSource in(ValueSource source, String set) {
    return new ValueSource(source.kind(), source.name().replace(SET, set));
  }

  private List<Scheme.Content> contents() {
    Optional<Object> value = in.any("content");
    if (value.isPresent() && value.get() instanceof List<?> list) {
      if (list.isEmpty()) {
        in.problem("content", "is empty: say what is signed, such as \"{time}.{body}\"");
        return List.of(new Scheme.Content("", null, List.of()));
      }
      return in.children(
          "content",
          item ->
              new Scheme.Content(
                  item.child("when").string("query", ""),
                  template(item, "template"),
                  item.children("require", SchemeReader::requirement)));
    }
    if (value.isEmpty()) {
      return List.of(new Scheme.Content("", null, List.of()));
    }
    return List.of(new Scheme.Content("", template(in, "content"), List.of()));
  }

  private static @Nullable ContentTemplate template(StrictJson in, String key) {
    String text = in.requiredString(key);
    if (text.isEmpty()) {
      return null;
    }
    try {
      ContentTemplate template = ContentTemplate.parse(text);
      template.flaw().ifPresent(flaw -> in.problem(key, flaw));
      return template;
    } catch (IllegalArgumentException e) {
      in.problem(key, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static Requirement requirement(StrictJson in) {
    if (in.has("bodyHash")) {
      return new Requirement.BodyHash(in.string("bodyHash", ""));
    }
    if (!in.bool("formBody", false)) {
      in.problem("", "must be bodyHash: QUERY-PARAMETER or formBody: true");
    }
    return new Requirement.FormBody();
  }

  private List<Requirement.HeaderEquals> headerRequirements() {
    return in.children(
        "require",
        item ->
            new Requirement.HeaderEquals(header(item, "header"), item.requiredString("equals")));
  }

  private List<UrlForm> urlForms() {
    List<UrlForm> forms = new ArrayList<>();
    for (String text : in.strings("urlForms")) {
      Optional<UrlForm> form = UrlForm.parse(text);
      if (form.isEmpty()) {
        in.problem(
            "urlForms",
            "must be received, without-port, default-port, whatwg-query or decode %XX …");
      }
      form.ifPresent(forms::add);
    }
    return forms.isEmpty() ? List.of(new UrlForm(UrlForm.Kind.RECEIVED, List.of())) : forms;
  }

  private Map<String, Scheme.Parameter> params() {
    StrictJson child = in.child("params");
    Map<String, Scheme.Parameter> params = new LinkedHashMap<>();
    for (String name : child.keys()) {
      StrictJson param = child.child(name);
      params.put(
          name,
          new Scheme.Parameter(
              param.requiredString("description"),
              param.bool("required", false),
              param.bool("secret", false)));
      param.close();
    }
    return params;
  }

  private static Scheme.Delivery delivery(StrictJson in) {
    Scheme.Delivery delivery =
        new Scheme.Delivery(
            in.duration("retrySpan", Duration.ZERO, Duration.ZERO, Duration.ofDays(60)),
            in.duration("deadline", Duration.ZERO, Duration.ZERO, Duration.ofHours(1)),
            in.string("success", ""),
            in.string("schedule", ""));
    in.close();
    return delivery;
  }

  /** Reads what stands under {@code vectors} alone. */
  static List<Scheme.Vector> vectors(@Nullable Object tree, Problems problems) {
    StrictJson in = StrictJson.object(tree, "", problems);
    List<Scheme.Vector> vectors = in.children("vectors", SchemeReader::vector);
    in.close();
    return vectors;
  }

  private static Scheme.Vector vector(StrictJson in) {
    return new Scheme.Vector(
        in.requiredString("name"),
        in.strings("secrets"),
        in.stringMap("params"),
        in.string("method", "POST"),
        in.string("url", ""),
        in.stringMap("headers"),
        in.string("body", ""),
        in.string("now", ""),
        in.string("outcome", "verified"),
        in.string("reason", ""));
  }
}
