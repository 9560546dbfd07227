package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keeps the threat model true: every attack has its row, every row names tests that exist. */
class ThreatModelTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (.+?) \\| (.+?) \\| (.+?) \\|$");
  private static final Pattern NAMED = Pattern.compile("`(\\w+)\\.(\\w+)`");

  /** What the doors have to answer. A row that is gone, or renamed, fails here. */
  private static final List<String> ATTACKS =
      List.of(
          "empty signature, or a label with nothing behind it",
          "cut signature, of every length",
          "guessing bit by bit",
          "another letter case",
          "another spelling of one signature, for a second replay key",
          "empty or blank secret, placeholder, unresolved `${X}`, all zeros, broken base64",
          "newline of a mounted file",
          "secret of another source",
          "secret that was removed",
          "secret outside its window",
          "downgrade by prefix, or v0, v1 and v1a confused",
          "a public key used as an HMAC secret",
          "a public key where a secret belongs, and the reverse",
          "Ed25519 points of small order, points off the curve",
          "a token's algorithm of its own choice, `none` among them",
          "a token that brings its own key",
          "a public key where a token's secret should be",
          "another tenant's secret under our tenant's name",
          "RFC 9421: an algorithm that does not fit the key",
          "RFC 9421: missing components",
          "a plain hash carried on by whoever saw one (length extension)",
          "a certificate's URL on another host",
          "a certificate of another authority, subject or time",
          "a key URL whose name leads inside",
          "redirects, endless, compressed or slow answers in a key's place",
          "random key ids, to make us fetch",
          "random certificate URLs, to drive out good ones",
          "an unknown or a duplicate key id",
          "leaving while a key is fetched",
          "a missing header",
          "a header twice",
          "a folded header",
          "5,000 signatures in one header, or 64 kB of one",
          "many public-key signatures over a large body",
          "NUL in a header, a space before its colon",
          "a signature in the query",
          "a signature in a trailer",
          "an id that holds the separator: `id.time.body` split at another place",
          "an unsigned event type that drives a route",
          "any bytes in any header",
          "a replay outside the window, on either side, by one second",
          "another unit",
          "NaN, +1, 1e9, hex, Arabic-Indic digits, 2^63, negative",
          "locale and charset of the JVM",
          "a clock that goes back, or stands at its ends",
          "0xFF for 0xFE, a byte order mark, a trailing CRLF, an empty body, half a character",
          "one byte a chunk, a character split between chunks",
          "the limit and one byte more, by both framings",
          "lengths that lie, contradict or promise a terabyte",
          "a slow body",
          "a gzip bomb, any compressed body",
          "duplicate JSON keys, deep nesting, huge numbers, UTF-16",
          "a parser bomb without a key",
          "a spoofed `Host`",
          "spoofed `Forwarded` and `X-Forwarded-*`",
          "another port, scheme, path or user",
          "`%2F`, `+` and other escapes",
          "another order of the query",
          "repeated and empty form parameters, broken escapes",
          "parts joined without delimiters",
          "a form moved into the URL behind a body hash",
          "unverified requests that write",
          "the same id under another tenant or source",
          "names and ids joined at another place",
          "an id outside the signature, changed",
          "the same id with other content",
          "concurrent duplicates",
          "failing, throwing, hanging handlers",
          "a crash between claim and completion",
          "a late finisher",
          "eviction floods",
          "one signed item sent twice in a batch, or beside a forged one",
          "a token in a body whose letters become one in the signed content",
          "a message that the provider signed for another customer, sent on",
          "a handshake as a signing oracle",
          "a challenge as script, header or broken JSON",
          "a handshake for a stopped source or key, or without end",
          "a subscription's URL that leads elsewhere or inside",
          "bytes in flight without bound",
          "a flood of bad signatures against the good",
          "work on the event loop",
          "private and link-local addresses, IPv6 ranges, mapped addresses",
          "the leftmost `X-Forwarded-For`",
          "a name server that answers the check and the connection differently",
          "a destination's name that resolvers take for an address of this machine",
          "a destination's URL that can be read in two ways",
          "a redirect by the destination",
          "slow name servers, to hold up other deliveries",
          "a destination that hangs, fails, or answers without end",
          "a `Retry-After` of years",
          "headers from outside that pose as ours",
          "the sender's credentials and hop headers at the destination",
          "a header that no client sends, to spend a destination's attempts",
          "thousands of order keys at once, to take all locks of the database",
          "failures under ever new keys, to have one's own spent budget forgotten",
          "failures from millions of addresses, to fill Redis",
          "telling failures apart",
          "secrets, signatures or bodies in logs, metrics or errors",
          "forged lines in the log",
          "tenant names that reach into another's keys",
          "depth direct, by a second spread of a fragment, by a chain of fragments",
          "inline fragments in each other",
          "a fragment reused, or spread twice in one place",
          "doubling fragments, with and without aliases",
          "fragments in a cycle",
          "fragments and aliases named like introspection",
          "10,000 chained fragments",
          "a megabyte of unused fragments, comments, commas, block strings",
          "numbers of megabytes, block strings that begin with blank lines",
          "hundreds of operations that share a fragment, a long value or many directives",
          "literals and variables 5,000 deep",
          "alias floods, of `__typename` and in fragments",
          "`login` a thousand times",
          "one coordinate in itself, with others between",
          "root fields only through fragments",
          "10,000 duplicate fields",
          "directive floods on every location",
          "two operations, the expensive one not selected",
          "an operation name missing or unknown",
          "`@defer` and `@stream` floods",
          "a subscription over a limit",
          "the same text under two callers' limits, and cached errors",
          "conditions that cross in a few fragments",
          "an operation put in the judged one's place",
          "any text as a document, any JSON as variables",
          "`first` as literal, variable, operation default, schema default",
          "`first` as explicit null, 0 or negative",
          "2147483647 nested six deep",
          "a size through a whole input-object variable",
          "both `first` and `last`, or none",
          "lists of 10,000 ids",
          "negative weights with a duplicate key",
          "exclusive union branches",
          "an interface's field by its implementations, and the reverse",
          "introspection nests",
          "`_entities` with many representations",
          "a list sized by an argument that is not there",
          "room made among callers' buckets, to get a full one",
          "a budget spent on several nodes, or while Redis is away",
          "an estimate below what really runs",
          "an event whose tenant is absent, null, empty, blank, a list, a number, or confusable",
          "tenants in another case, `acme`, `acme2`, `acme-x`",
          "a principal without a tenant, or with a second in its claims",
          "a tenant in arguments, topics and filters, `not (tenant = …)` among them",
          "wildcards and separators in topics",
          "decisions kept across tenants, a policy that allows everything",
          "publishing into another tenant, broadcasting by omission",
          "a log that gives out another tenant's entries",
          "another tenant's names in refusals, ends, counts and audit",
          "any use of it all, at random",
          "a credential that expires under a live subscription, a clock turned back",
          "a fresh credential of somebody else",
          "revocation and kill switches with queued events",
          "a kill switch while a thousand reconnect",
          "a role removed, also from who is idle",
          "a policy that is down, slow, throwing or null",
          "filters too deep, too large or too dear",
          "filters on other types, on what is missing, of any characters",
          "finding out a hidden field by counting what passes",
          "a key twice in data, to hide one from the mask",
          "a cursor of another tenant, user or topic",
          "a cursor guessed, forged, earliest, zero or huge",
          "counting hidden events by comparing cursors",
          "permissions that shrank since",
          "the seam between replay and live",
          "replays again and again, or by a filter that wants nothing",
          "floods of connections, subscriptions and operations",
          "a storm of reconnects",
          "a slow reader, live and in replay",
          "leaving while a subscribe resolves, 100,000 subscribes and completes",
          "one big event for 10,000 subscribers, a tenant that never pauses",
          "an event that cannot be read, a handler that throws",
          "ever new tenants, topics and values, to fill logs and caches",
          "variables nested deep, strings of 10 MB, bodies without end",
          "a request's JSON that two readers read differently",
          "batches of 1,000, nested, in multipart",
          "a mutation by GET or any other method",
          "`POST ?query=`, parameters twice",
          "text/plain, urlencoded, no content type, charset tricks",
          "a client's `initialValue` as the root",
          "an `Accept` that takes none of ours",
          "a subscription over plain HTTP",
          "APQ: a wrong hash, poisoning, another tenant's, floods",
          "safelisted text but for a space",
          "suggestions, causes and what JSON cannot say, in errors",
          "a credential that proves nothing, taken for none",
          "a fetcher, loader or source that hangs, a client that leaves",
          "foreign, null, doubled, prefix- and suffix-like Origin",
          "no subprotocol, or a legacy one",
          "subscribe before init, between init and ack, two inits, no init",
          "duplicate, empty and huge ids",
          "messages that are none: arrays, depth 10,000, binary",
          "oversize and fragmented frames, compressed ones",
          "floods of subscriptions, operations, pings and sockets",
          "a client that does not read",
          "a peer that is gone without a word",
          "a socket that closes while its subscribe resolves",
          "a credential that expires or is revoked under an open stream",
          "line ends that begin a field of an event stream",
          "`alg: none`, an algorithm that is not allowed, a public key as a secret",
          "an empty key set, keys that sign, two keys with one id",
          "issuer, audience, expiry, subject wrong or missing; two tenants",
          "other spellings of a token, headers that change its meaning, keys it brings",
          "random key ids, and key sets that fail, lie or never come",
          "a client certificate of one's own under another's name, or of nobody known",
          "streams and operations that are reset over HTTP/2",
          "a client certificate by its common name, of another, or out of time",
          "a guarded field by alias, fragment, interface, union, `node`, `nodes`, `_entities`, list or page",
          "a guarded argument, input field or enum value by literal, variable or default",
          "a filter by a guarded field",
          "a rule on an interface that its types do not repeat, and the reverse",
          "a field that somebody forgot",
          "a rule for a name that is misspelled",
          "a renamed directive",
          "a key granted in one fragment and refused in another",
          "a mutation whose second field is refused",
          "a mutation on an object of another",
          "telling a foreign object from a missing one",
          "objects in lists, futures, streams and other wrappings",
          "a policy that throws, hangs, fails, abstains or answers null",
          "a decision kept for another caller, tenant, claim or variable",
          "a credential that ended, and a caller who was stopped, in the middle of a subscription",
          "events about objects of another",
          "an answer that was made for another tenant, or for a caller who may see more, given to"
              + " those who ask the same",
          "a subscriber who asks first for what all wait for, and hangs, fails or leaves",
          "a service under a person's id, a person of another tenant",
          "a policy file that is broken, or opens a hole, while the server runs",
          "inputs too large to be looked through",
          "a line end, NUL, another encoding or a second document in an event's data, to begin a field or forge another",
          "a topic named `end`, `gap` or `error`",
          "cursors through HTTP: another tenant's, user's or topic's, forged, guessed, sent twice",
          "a token in the query, a tenant in query or headers",
          "a reader that reads nothing, in a flood or with little to read",
          "reading on after a revocation what lies before the socket",
          "peers that vanish, or leave while it is found out who they are or whether they may",
          "opening and leaving, over and over; storms of reconnects",
          "one big event for 10,000 subscribers",
          "tokens, filters or others' events in answers and logs",
          "a message or record without a tenant, with two, or with none that is valid",
          "a poison message, record or entry",
          "Redis restarted, a node cut off or partitioned, under load",
          "Kafka restarted under load, a log that is away",
          "a kill switch on one node, a subscriber on another",
          "a cursor moved to another node, or to another tenant there");

  private static final Map<String, String> SOURCES = new HashMap<>();

  @BeforeAll
  static void readTests() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        SOURCES.merge(name, Files.readString(file), String::concat);
      }
    }
  }

  @Test
  void attack_ofTheList_hasARowOrIsNamedAsOpen() throws IOException {
    List<String> told = new ArrayList<>(rows().keySet());
    told.addAll(open());
    assertThat(told).containsExactlyInAnyOrderElementsOf(ATTACKS);
  }

  @Test
  void row_ofAnAttack_namesTestsThatExist() throws IOException {
    List<String> stale = new ArrayList<>();
    for (Map.Entry<String, String> row : rows().entrySet()) {
      assertThat(row.getValue()).as(row.getKey()).matches("`\\w+\\.\\w+`(, `\\w+\\.\\w+`)*");
      NAMED
          .matcher(row.getValue())
          .results()
          .filter(test -> !isTest(test.group(1), test.group(2)))
          .forEach(test -> stale.add(row.getKey() + " -> " + test.group()));
    }
    assertThat(stale).isEmpty();
  }

  @Test
  void fuzzTarget_any_isAmongTheCommandsToRun() throws IOException {
    String commands = Files.readString(ROOT.resolve("CONTRIBUTING.md"));
    List<String> listed =
        Pattern.compile("fuzz [\\w-]+ '(\\w+)#(\\w+)\\*'")
            .matcher(commands)
            .results()
            .map(m -> m.group(1) + "#" + m.group(2))
            .toList();
    List<String> targets = new ArrayList<>();
    SOURCES.forEach(
        (type, source) ->
            Pattern.compile("@FuzzTest[^\\n]*\\n  void ([a-z]+)_")
                .matcher(source)
                .results()
                .forEach(m -> targets.add(type + "#" + m.group(1))));
    assertThat(listed).containsExactlyInAnyOrderElementsOf(targets);
  }

  @Test
  void name_thatIsNoTest_isNotTakenForOne() {
    assertThat(isTest("ThreatModelTest", "name_thatIsNoTest_isNotTakenForOne")).isTrue();
    assertThat(isTest("ThreatModelTest", "name_ofNobody")).isFalse();
    assertThat(isTest("ThreatModelTest", "readTests")).isFalse();
    assertThat(isTest("NowhereTest", "name_thatIsNoTest_isNotTakenForOne")).isFalse();
  }

  // An annotation of JUnit within the lines before the method, and no other member between.
  private static boolean isTest(String type, String method) {
    Pattern declared =
        Pattern.compile(
            "@(Test|ParameterizedTest|TestFactory|FuzzTest)\\b(?:(?!\\n  }\\n).)*?"
                + "\\b(?:void|Stream<DynamicTest>) "
                + Pattern.quote(method)
                + "\\(",
            Pattern.DOTALL);
    return declared.matcher(SOURCES.getOrDefault(type, "")).find();
  }

  private static Map<String, String> rows() throws IOException {
    Map<String, String> rows = new LinkedHashMap<>();
    Matcher row = ROW.matcher(section());
    while (row.find()) {
      if (!row.group(1).equals("attack") && !row.group(1).equals("---")) {
        assertThat(rows.put(row.group(1), row.group(3))).as("row twice: " + row.group(1)).isNull();
      }
    }
    return rows;
  }

  private static List<String> open() throws IOException {
    return section().lines().filter(l -> l.startsWith("- ")).map(l -> l.substring(2)).toList();
  }

  private static String section() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/threat-model.md"));
    int begin = page.indexOf("## Attacks and the tests");
    return page.substring(begin, page.indexOf("## Where it stops"));
  }
}
