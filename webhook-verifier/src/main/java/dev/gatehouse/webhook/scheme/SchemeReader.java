package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a scheme from a tree of maps and lists, and reports everything that is wrong with it. */
public final class SchemeReader {
  private static final Duration DEFAULT_WINDOW = Duration.ofMinutes(5);
  private static final Duration MAX_WINDOW = Duration.ofDays(1);
  static final String SET = "{set}";
  private static final String NUMBER = "{n}";
  private static final int MAX_FAMILY = 100;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern PARAM = Pattern.compile("\\{param\\.[a-z0-9_]+\\}");

  private final StrictJson in;
  private final boolean known;

  private SchemeReader(StrictJson in, boolean known) {
    this.in = in;
    this.known = known;
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
    Scheme scheme = new SchemeReader(StrictJson.object(tree, path, own), false).scheme();
    if (own.isEmpty()) {
      SchemeChecks.check(scheme, path, own);
    }
    own.all().forEach(p -> problems.add(p.path(), p.message()));
    return own.isEmpty() ? Optional.of(scheme) : Optional.empty();
  }

  /**
   * Reads a scheme that was read before and found right, so that its parts are known to fit.
   *
   * @throws Problems.InvalidException if its parts themselves are wrong
   */
  static Scheme readKnown(Object tree) {
    Problems problems = new Problems();
    Scheme scheme = new SchemeReader(StrictJson.object(tree, "", problems), true).scheme();
    problems.throwIfAny();
    return scheme;
  }

  private Scheme scheme() {
    String name = in.requiredString("name");
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      in.problem("name", "must be lower-case letters, digits and hyphens");
    }
    StrictJson signature = in.child("signature");
    Grammar grammar = grammar(signature);
    MessageRule message =
        grammar.kind() == Grammar.Kind.MESSAGE_SIGNATURE ? MessageRuleReader.read(signature) : null;
    List<Acceptance> accepts = signature.children("accept", item -> acceptance(item, grammar));
    List<Scheme.Place> places =
        message != null
            ? List.of(
                new Scheme.Place(new ValueSource(ValueSource.Kind.HEADER, "Signature"), "", ""))
            : in.has("layouts") && !signature.has("in") ? List.of() : places(signature);
    Reading reading = reading(signature);
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
            in.children("handshakes", item -> HandshakeReader.read(item, known)),
            in.has("owner") ? HandshakeReader.compare(in.child("owner")) : null,
            in.bool("equalBodies", false),
            in.bool("retryBodiesDiffer", false),
            in.bool("tokenVouchesForId", false),
            source(in, "attempt", in.string("attempt", "")).orElse(null),
            delivery(in.child("delivery")),
            reading,
            in.strings("notes"),
            in.strings("uncertain"),
            in.strings("sources"),
            in.children("vectors", SchemeReader::vector));
    if (message != null && !known) {
      MessageRuleReader.check(scheme, in);
    }
    in.close();
    return scheme;
  }

  private Set<String> methods() {
    List<String> methods = in.strings("methods");
    return methods.isEmpty() ? Set.of("POST") : Set.copyOf(methods);
  }

  private Reading reading(StrictJson signature) {
    return new Reading(
        source(signature, "algorithmIn", signature.string("algorithmIn", "")).orElse(null),
        in.has("headerList") ? headerList(in.child("headerList")) : null,
        in.choice("covers", Reading.Covers.class, Reading.Covers.BODY),
        signature.string("minimum", ""));
  }

  private static HeaderList headerList(StrictJson in) {
    Optional<ValueSource> source = source(in, "in", in.requiredString("in"));
    if (source.isPresent()
        && source.get().kind() != ValueSource.Kind.HEADER
        && source.get().kind() != ValueSource.Kind.ELEMENT) {
      in.problem("in", "must be header:NAME or element:KEY");
    }
    String separator = in.string("separator", "");
    if (separator.isEmpty()) {
      in.problem("separator", "is missing: say what stands between the names");
    }
    HeaderList list =
        new HeaderList(
            source.orElse(new ValueSource(ValueSource.Kind.HEADER, "")),
            separator,
            in.bool("named", false),
            in.requiredString("join"),
            in.bool("sorted", false),
            in.strings("require").stream().map(n -> n.toLowerCase(Locale.ROOT)).toList(),
            in.integer("maxNames", 32, 1, 100));
    in.close();
    return list;
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
    boolean listed = kind == Grammar.Kind.LIST || kind == Grammar.Kind.POSITIONAL;
    if (!entries && !listed && !(grammar.separator() + grammar.assign()).isEmpty()) {
      in.problem("grammar", StrictJson.nameOf(kind) + " takes no separator and no assign");
    }
    if (entries && grammar.separator().equals(grammar.assign())) {
      in.problem("assign", "must not be the separator");
    }
    return grammar;
  }

  private static void checkLists(StrictJson in, Grammar grammar) {
    boolean list = grammar.kind() == Grammar.Kind.LIST || grammar.kind() == Grammar.Kind.POSITIONAL;
    if (list && (grammar.separator().length() != 1 || !grammar.assign().isEmpty())) {
      in.problem("grammar", "list and positional need separator, one character, and no assign");
    }
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
    boolean labelled = grammar.kind() == Grammar.Kind.ENTRIES || grammar.kind() == Grammar.Kind.JWT;
    String label = in.string(labelled ? "label" : "prefix", "");
    if (labelled && label.isEmpty()) {
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
            key.integer("maxBytes", 1024, 1, 64 * 1024),
            key.choice("digest", KeyRule.Digest.class, KeyRule.Digest.NONE),
            key.integer("minBits", 2048, 1024, 8192));
    if (algorithm.isPublicKey() && rule.digest() != KeyRule.Digest.NONE) {
      key.problem("digest", "is for shared secrets: a public key is used as it is");
    }
    if (!algorithm.isRsa() && key.has("minBits")) {
      key.problem("minBits", "is for RSA keys only");
    }
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
    Acceptance.SecretAt secretAt =
        in.choice("secretAt", Acceptance.SecretAt.class, Acceptance.SecretAt.NOWHERE);
    if (algorithm.isHashWithSecret() == (secretAt == Acceptance.SecretAt.NOWHERE)) {
      in.problem(
          "secretAt",
          algorithm.isHashWithSecret()
              ? "is missing: without the secret in it, anybody makes this hash; first or last"
              : "is for plain hashes: this algorithm has its key elsewhere");
    }
    return new Acceptance(label, algorithm, encoding, rule, in.string("chosen", ""), secretAt);
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
      return signature.children("in", SchemeReader::place);
    }
    String text = signature.requiredString("in");
    List<Scheme.Place> family = new ArrayList<>();
    int count = signature.integer("count", 1, 1, MAX_FAMILY);
    if (text.contains(NUMBER) != signature.has("count")) {
      signature.problem("count", "and {n} go together: header:X-Signature-{n} with count");
    }
    for (int n = 1; n <= count; n++) {
      signaturePlace(signature, "in", text.replace(NUMBER, Integer.toString(n)))
          .ifPresent(source -> family.add(new Scheme.Place(source, "", "")));
    }
    return family;
  }

  private static Scheme.Place place(StrictJson in) {
    String slot = in.string("slot", "");
    String prefix = in.string("prefix", "");
    Optional<ValueSource> source =
        in.has("header")
            ? Optional.of(new ValueSource(ValueSource.Kind.HEADER, header(in, "header")))
            : signaturePlace(in, "from", in.requiredString("from"));
    return new Scheme.Place(
        source.orElse(new ValueSource(ValueSource.Kind.HEADER, "")), slot, prefix);
  }

  private static Optional<ValueSource> signaturePlace(StrictJson in, String key, String text) {
    Optional<ValueSource> source = source(in, key, text);
    if (source.isPresent()
        && (source.get().kind() == ValueSource.Kind.ELEMENT
            || source.get().kind() == ValueSource.Kind.CLAIM)) {
      in.problem(key, "must be header:NAME, json:/POINTER, form:NAME, query:NAME or field:NAME");
    }
    return source;
  }

  private static String header(StrictJson in, String key) {
    String name = in.requiredString(key);
    if (!name.isEmpty() && !isHeaderName(name)) {
      in.problem(key, "must be a header's name");
    }
    return name;
  }

  private static boolean isHeaderName(String name) {
    boolean plain = name.indexOf('{') < 0;
    String literal = plain ? name : PARAM.matcher(name.replace(SET, "")).replaceFirst("");
    for (int i = 0; i < literal.length(); i++) {
      if (!isHeaderCharacter(literal.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHeaderCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  static Optional<ValueSource> source(StrictJson in, String key, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<ValueSource> source = ValueSource.parse(text);
    if (source.isEmpty()) {
      in.problem(
          key,
          "must be header:NAME, element:KEY, json:/POINTER, query:NAME, form:NAME, field:NAME or"
              + " claim:NAME");
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
    if (source.isPresent() && source.get().kind() == ValueSource.Kind.QUERY) {
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
    if (in.has("layouts")) {
      return layouts(time);
    }
    if (sets.isEmpty()) {
      return List.of(new Scheme.Variant(places, time, ids));
    }
    List<Scheme.Variant> variants = new ArrayList<>();
    for (String set : sets) {
      variants.add(
          new Scheme.Variant(
              places.stream()
                  .map(p -> new Scheme.Place(in(p.in(), set), p.slot(), p.prefix()))
                  .toList(),
              time == null ? null : new TimeRule(in(time.in(), set), time.unit(), time.window()),
              ids.stream().map(id -> in(id, set)).toList()));
    }
    return variants;
  }

  private static ValueSource in(ValueSource source, String set) {
    return source.replace(SET, set);
  }

  // Each layout of the body has its own places for everything; they are never mixed.
  private List<Scheme.Variant> layouts(@Nullable TimeRule time) {
    return in.children(
        "layouts",
        item -> {
          Optional<ValueSource> place = signaturePlace(item, "in", item.requiredString("in"));
          Optional<ValueSource> at = source(item, "time", item.string("time", ""));
          if (time != null && at.isEmpty()) {
            item.problem("time", "is missing: say where this layout has it");
          }
          return new Scheme.Variant(
              place.stream().map(p -> new Scheme.Place(p, "", "")).toList(),
              time == null ? null : new TimeRule(at.orElse(time.in()), time.unit(), time.window()),
              sources(item, "id"));
        });
  }

  private List<Scheme.Content> contents() {
    Optional<Object> value = in.any("content");
    if (value.isPresent() && value.get() instanceof List<?> list) {
      if (list.isEmpty()) {
        in.problem("content", "is empty: say what is signed, such as \"{time}.{body}\"");
        return List.of(new Scheme.Content("", null, null, List.of()));
      }
      return in.children("content", SchemeReader::content);
    }
    if (value.isEmpty()) {
      return List.of(new Scheme.Content("", null, null, List.of()));
    }
    return List.of(new Scheme.Content("", null, template(in, "content"), List.of()));
  }

  private static Scheme.Content content(StrictJson in) {
    StrictJson when = in.child("when");
    String query = when.string("query", "");
    String method = when.string("method", "");
    boolean form = when.bool("form", false);
    Optional<ValueSource> source = source(when, "in", when.string("in", ""));
    List<String> values = when.strings("is");
    if (source.isPresent() == values.isEmpty()) {
      when.problem("is", "and in go together: where which value must stand");
    }
    if (source.isPresent() && source.get().kind() != ValueSource.Kind.JSON) {
      when.problem("in", "must be json:/POINTER");
    }
    if (!query.isEmpty() && (!method.isEmpty() || form || source.isPresent())) {
      when.problem("query", "is a condition for itself");
    }
    when.close();
    boolean whole = !method.isEmpty() || form || source.isPresent();
    return new Scheme.Content(
        query,
        whole ? new Scheme.When(method, form, source.orElse(null), values) : null,
        template(in, "template"),
        in.children("require", SchemeReader::requirement));
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
    if (in.has("onlyField")) {
      return new Requirement.OnlyField(in.requiredString("onlyField"));
    }
    if (!in.bool("formBody", false)) {
      in.problem("", "must be bodyHash: QUERY-PARAMETER, formBody: true or onlyField: NAME");
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
              param.bool("secret", false),
              param.string("default", "")));
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
