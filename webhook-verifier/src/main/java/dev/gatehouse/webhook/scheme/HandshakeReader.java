package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.StrictJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one handshake of a scheme, and reports what would make it dangerous; of the catalogue's it
 * is known that nothing does, since each was read and checked when it was built.
 */
final class HandshakeReader {
  private static final int MAX_SIGNED_ECHO = 128;
  private static final Set<String> OWN_HEADERS =
      Set.of(
          "content-type",
          "content-length",
          "transfer-encoding",
          "connection",
          "location",
          "refresh",
          "set-cookie",
          "cache-control",
          "x-content-type-options");

  private final StrictJson in;
  private final boolean known;

  private HandshakeReader(StrictJson in, boolean known) {
    this.in = in;
    this.known = known;
  }

  static Handshake read(StrictJson in, boolean known) {
    return new HandshakeReader(in, known).handshake();
  }

  private Handshake handshake() {
    Handshake handshake =
        new Handshake(
            in.requiredString("name"),
            in.string("method", "POST").toUpperCase(Locale.ROOT),
            told(),
            in.bool("signed", true),
            in.bool("open", false),
            in.string("enabledBy", ""),
            in.has("compare") ? compare(in.child("compare")) : null,
            in.has("echo") ? echo(in.child("echo")) : null,
            in.has("confirm") ? confirm(in.child("confirm")) : null,
            answer(in.child("answer")));
    if (!known) {
      check(handshake);
    }
    return handshake;
  }

  private void check(Handshake handshake) {
    Handshake.Told told = handshake.told();
    if (told.json().keySet().stream().anyMatch(pointer -> !pointer.startsWith("/"))) {
      in.problem("json", "must be JSON pointers such as /type");
    }
    if (told.absent().stream().anyMatch(s -> s.kind() != ValueSource.Kind.JSON)) {
      in.problem("absent", "must be json:/POINTER");
    }
    checkAnswer(in.child("answer"), handshake.answer());
    boolean bare = handshake.method().equals("POST") || handshake.echo() != null;
    if (handshake.told().byMethodOnly() && bare) {
      in.problem(
          "", "must say by which query, headers, json or present it is told from a delivery");
    }
    if (handshake.signed() && handshake.open()) {
      in.problem("open", "is for unsigned handshakes: leave it out");
    }
    checkSources(handshake);
    checkEcho(handshake);
    checkSigning(handshake);
  }

  private Handshake.Told told() {
    return new Handshake.Told(
        in.stringMap("query"),
        in.stringMap("headers"),
        in.stringMap("json"),
        sources("present"),
        sources("absent"));
  }

  private List<ValueSource> sources(String key) {
    List<ValueSource> sources = new ArrayList<>();
    for (String text : in.strings(key)) {
      SchemeReader.source(in, key, text).ifPresent(sources::add);
    }
    return List.copyOf(sources);
  }

  // What was not verified must not be parsed.
  private void checkSources(Handshake handshake) {
    handshake.reads().map(ValueSource::kind).forEach(this::checkKind);
    if (handshake.signed()) {
      return;
    }
    if (!handshake.told().json().isEmpty()) {
      in.problem("json", "cannot be read before the request is verified: use query");
    }
    if (handshake.reads().anyMatch(s -> s.kind() == ValueSource.Kind.JSON)) {
      in.problem("", "cannot read json:/… before the request is verified: use query or header");
    }
    if (handshake.confirm() != null) {
      in.problem("confirm", "would call out for a stranger: it needs signed: true");
    }
  }

  private void checkKind(ValueSource.Kind kind) {
    boolean known =
        kind == ValueSource.Kind.QUERY
            || kind == ValueSource.Kind.HEADER
            || kind == ValueSource.Kind.JSON;
    if (!known) {
      in.problem("", "reads handshakes from query:NAME, header:NAME or json:/POINTER only");
    }
  }

  private void checkEcho(Handshake handshake) {
    Handshake.Echo echo = handshake.echo();
    boolean echoes = handshake.answer().templates().anyMatch(AnswerTemplate::echoes);
    if (echoes && echo == null) {
      in.problem("answer.body", "repeats {echo}: say with echo what that is");
    }
    if (echo != null && echo.minLength() > echo.maxLength()) {
      in.problem("echo.minLength", "is more than maxLength: no value would do");
    }
  }

  private void checkSigning(Handshake handshake) {
    if (!handshake.signsEcho()) {
      return;
    }
    Handshake.Echo echo = handshake.echo();
    if (echo == null) {
      in.problem("answer", "signs what is echoed: say with echo what that is");
      return;
    }
    if (!handshake.signed() && !handshake.open()) {
      in.problem(
          "answer",
          "must not sign anything for an unsigned request, unless the provider demands it and open:"
              + " true says so");
    }
    // A query is not signed: a MAC over it would be a signature over whatever a stranger likes.
    if (handshake.signed() && echo.in().kind() != ValueSource.Kind.JSON) {
      in.problem("answer", "signs an echo that is not part of the signed body: use json:/POINTER");
    }
    if (!echo.alphabet().isForTokens() || echo.maxLength() > MAX_SIGNED_ECHO) {
      in.problem(
          "echo",
          "is signed: an alphabet of tokens and a maxLength of at most "
              + MAX_SIGNED_ECHO
              + " keep it from being a delivery's content");
    }
  }

  static Handshake.@Nullable Compare compare(StrictJson in) {
    Optional<ValueSource> source = SchemeReader.source(in, "in", in.requiredString("in"));
    String param = in.requiredString("param");
    boolean list = in.bool("list", false);
    boolean fits =
        source.isEmpty()
            || source.get().kind() == ValueSource.Kind.QUERY
            || source.get().kind() == ValueSource.Kind.HEADER
            || source.get().kind() == ValueSource.Kind.JSON;
    if (!fits) {
      in.problem("in", "must be query:NAME, header:NAME or json:/POINTER");
    }
    in.close();
    return source.isEmpty() ? null : new Handshake.Compare(source.get(), param, list);
  }

  private static Handshake.@Nullable Echo echo(StrictJson in) {
    Optional<ValueSource> source = SchemeReader.source(in, "in", in.requiredString("in"));
    Handshake.Alphabet alphabet =
        in.choice("alphabet", Handshake.Alphabet.class, Handshake.Alphabet.ALPHANUMERIC);
    int minLength = in.integer("minLength", 1, 1, 512);
    int maxLength = in.integer("maxLength", 128, 1, 512);
    in.close();
    return source.isEmpty()
        ? null
        : new Handshake.Echo(source.get(), alphabet, minLength, maxLength);
  }

  private static Handshake.@Nullable Confirm confirm(StrictJson in) {
    Optional<ValueSource> source = SchemeReader.source(in, "in", in.requiredString("in"));
    if (source.isPresent() && source.get().kind() != ValueSource.Kind.JSON) {
      in.problem("in", "must be json:/POINTER: the URL to call has to be signed");
    }
    List<HostRule> hosts = new ArrayList<>();
    for (String text : in.strings("hosts")) {
      Optional<HostRule> rule = HostRule.parse(text);
      if (rule.isEmpty()) {
        in.problem(
            "hosts",
            "must be hosts such as sns.*.amazonaws.com, a * for a whole label, the last two fixed");
      }
      rule.ifPresent(hosts::add);
    }
    if (hosts.isEmpty()) {
      in.problem("hosts", "is missing: say which hosts may be called");
    }
    int port = in.integer("port", 443, 1, 65_535);
    Map<String, String> query = in.stringMap("query");
    Handshake.Compare only = in.has("only") ? compare(in.child("only")) : null;
    if (only != null && only.in().kind() != ValueSource.Kind.JSON) {
      in.problem("only.in", "must be json:/POINTER: it has to be signed");
    }
    in.close();
    return source.isEmpty() ? null : new Handshake.Confirm(source.get(), hosts, port, query, only);
  }

  private static Handshake.Answer answer(StrictJson in) {
    String type = in.string("contentType", "");
    Map<String, AnswerTemplate> headers = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : in.stringMap("headers").entrySet()) {
      headers.put(header.getKey(), template(in, header.getKey(), header.getValue()));
    }
    Handshake.Answer answer =
        new Handshake.Answer(
            in.integer("status", 200, 200, 299),
            type,
            template(in, "body", in.string("body", "")),
            headers);
    in.close();
    return answer;
  }

  private static void checkAnswer(StrictJson in, Handshake.Answer answer) {
    String type = answer.contentType();
    boolean plain = type.startsWith("text/plain") || type.equals("application/json");
    if (!answer.body().isEmpty() && !plain) {
      in.problem(
          "contentType",
          "must be text/plain or application/json: a browser would run anything else");
    }
    if (!isVisible(type)) {
      in.problem("contentType", "holds a control character");
    }
    answer.headers().forEach((name, value) -> checkHeader(in, name, value));
  }

  private static AnswerTemplate template(StrictJson in, String key, String text) {
    try {
      return AnswerTemplate.parse(text);
    } catch (IllegalArgumentException e) {
      in.problem(key, String.valueOf(e.getMessage()));
      return AnswerTemplate.parse("");
    }
  }

  private static void checkHeader(StrictJson in, String name, AnswerTemplate value) {
    if (!name.matches("[A-Za-z0-9-]+") || OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
      in.problem("headers", "must not set " + name.replaceAll("[^A-Za-z0-9-]", "?"));
    }
    if (!isVisible(value.toString())) {
      in.problem("headers", "holds a control character in " + name);
    }
  }

  private static boolean isVisible(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c <= '~');
  }
}
