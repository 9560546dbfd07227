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
            in.children("handshakes", SchemeReader::handshake),
            in.bool("equalBodies", false),
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
            in.integer("maxEntries", 16, 1, 200));
    boolean entries = kind == Grammar.Kind.ENTRIES;
    if (entries && (grammar.separator().length() != 1 || grammar.assign().length() != 1)) {
      in.problem("grammar", "entries needs separator and assign, one character each");
    }
    if (!entries && !(grammar.separator() + grammar.assign()).isEmpty()) {
      in.problem("grammar", "takes separator and assign only as entries");
    }
    if (entries && grammar.separator().equals(grammar.assign())) {
      in.problem("assign", "must not be the separator");
    }
    return grammar;
  }

  private static Acceptance acceptance(StrictJson in, Grammar grammar) {
    String label = in.string(grammar.kind() == Grammar.Kind.BARE ? "prefix" : "label", "");
    if (grammar.kind() == Grammar.Kind.ENTRIES && label.isEmpty()) {
      in.problem("label", "is missing: entries are chosen by their label");
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
    Encoding encoding =
        in.choice(
            "encoding",
            Encoding.class,
            algorithm == Algorithm.TOKEN ? Encoding.TEXT : Encoding.HEX);
    if (encoding == Encoding.TEXT && algorithm != Algorithm.TOKEN) {
      in.problem("encoding", "text is for tokens only");
    }
    StrictJson key = in.child("key");
    KeyRule rule =
        new KeyRule(
            key.choice("form", Encoding.class, Encoding.TEXT),
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

  private static Optional<ValueSource> source(StrictJson in, String key, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<ValueSource> source = ValueSource.parse(text);
    if (source.isEmpty()) {
      in.problem(key, "must be header:NAME, element:KEY, json:/POINTER, query:NAME or form:NAME");
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
        && source.get().kind() != ValueSource.Kind.ELEMENT) {
      in.problem("in", "must be header:NAME or element:KEY");
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

  private static Handshake handshake(StrictJson in) {
    StrictJson answer = in.child("answer");
    Handshake handshake =
        new Handshake(
            in.requiredString("name"),
            in.string("method", "POST").toUpperCase(Locale.ROOT),
            in.stringMap("query"),
            in.stringMap("json"),
            in.bool("signed", true),
            in.has("compare") ? compare(in.child("compare")) : null,
            in.has("echo") ? echo(in.child("echo")) : null,
            new Handshake.Answer(
                answer.integer("status", 200, 200, 299),
                answer.string("contentType", ""),
                answer.string("body", "")));
    answer.close();
    boolean told = !handshake.query().isEmpty() || !handshake.json().isEmpty();
    if (!told) {
      in.problem("", "must say by which query or json it is told from a delivery");
    }
    if (!handshake.signed() && !handshake.json().isEmpty()) {
      in.problem("json", "cannot be read before the request is verified: use query");
    }
    if (!handshake.signed() && handshake.answer().body().contains("{hmac")) {
      in.problem("answer", "must not sign anything for an unsigned request");
    }
    if (handshake.json().keySet().stream().anyMatch(pointer -> !pointer.startsWith("/"))) {
      in.problem("json", "must be JSON pointers such as /type");
    }
    checkEcho(handshake, in);
    return handshake;
  }

  // A query is not signed: a MAC over it would be a signature over whatever a stranger likes.
  private static void checkEcho(Handshake handshake, StrictJson in) {
    Handshake.Echo echo = handshake.echo();
    ValueSource.Kind kind = echo == null ? null : echo.in().kind();
    if (kind != null && kind != ValueSource.Kind.JSON && kind != ValueSource.Kind.QUERY) {
      in.problem("echo.in", "must be json:/POINTER or query:NAME");
    }
    if (kind == ValueSource.Kind.JSON && !handshake.signed()) {
      in.problem("echo.in", "cannot be read before the request is verified: use query");
    }
    String body = handshake.answer().body();
    if (body.contains("{hmac") && kind != ValueSource.Kind.JSON) {
      in.problem("answer", "signs an echo that is not part of the signed body: use json:/POINTER");
    }
    if (body.contains("{echo}") && echo == null) {
      in.problem("answer.body", "repeats {echo}: say with echo what that is");
    }
    String type = handshake.answer().contentType();
    if (!body.isEmpty() && !type.startsWith("text/plain") && !type.equals("application/json")) {
      in.problem(
          "answer.contentType",
          "must be text/plain or application/json: a browser would run anything else");
    }
    if (type.chars().anyMatch(c -> c < ' ' || c > '~')) {
      in.problem("answer.contentType", "holds a control character");
    }
  }

  private static Handshake.@Nullable Compare compare(StrictJson in) {
    Optional<ValueSource> source = source(in, "in", in.requiredString("in"));
    String param = in.requiredString("param");
    if (source.isPresent() && source.get().kind() != ValueSource.Kind.QUERY) {
      in.problem("in", "must be query:NAME");
    }
    in.close();
    return source.map(s -> new Handshake.Compare(s, param)).orElse(null);
  }

  private static Handshake.@Nullable Echo echo(StrictJson in) {
    Optional<ValueSource> source = source(in, "in", in.requiredString("in"));
    Handshake.Alphabet alphabet =
        in.choice("alphabet", Handshake.Alphabet.class, Handshake.Alphabet.ALPHANUMERIC);
    int maxLength = in.integer("maxLength", 128, 1, 512);
    in.close();
    return source.map(s -> new Handshake.Echo(s, alphabet, maxLength)).orElse(null);
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
