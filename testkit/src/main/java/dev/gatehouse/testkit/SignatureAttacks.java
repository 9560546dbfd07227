package dev.gatehouse.testkit;

import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED;
import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED_OR_TOO_LARGE;

import dev.gatehouse.testkit.HostileRequest.Answers;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.Grammar;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** What is done to the signature itself. */
final class SignatureAttacks {
  private static final String OTHER_SECRET = "another-sources-secret-0123456789";

  private final List<HostileRequest> attacks = new ArrayList<>();
  private final SignedRequests requests;
  private final String url;
  private final Acceptance acceptance;
  private final Grammar grammar;
  private final String header;

  private SignatureAttacks(SignedRequests requests, String url) {
    this.requests = requests;
    this.url = url;
    this.acceptance = requests.scheme().accepts().get(0);
    this.grammar = requests.scheme().grammar();
    this.header = requests.scheme().variants().get(0).places().get(0).header();
  }

  static List<HostileRequest> on(SignedRequests requests, String url) {
    SignatureAttacks made = new SignatureAttacks(requests, url);
    made.absent();
    made.altered();
    made.spelled();
    made.repeated();
    made.bySomebodyElse();
    return made.attacks;
  }

  private void absent() {
    SignedRequest good = good();
    add("signature-missing", "anybody can post", good.withoutHeader(header));
    add("signature-empty", "an empty text equals an empty text", good.withHeader(header, ""));
    String label = acceptance.label() + (isList() ? grammar.assign() : "");
    if (!label.isEmpty()) {
      add("signature-label-only", "nothing behind the label", good.withHeader(header, label));
    }
    String value = good.header(header);
    SignedRequest bare = good.withoutHeader(header);
    char join = bare.url().contains("?") ? '&' : '?';
    String escaped = URLEncoder.encode(value, StandardCharsets.UTF_8);
    add(
        "signature-in-query",
        "queries end up in logs, and caches serve them",
        bare.withUrl(bare.url() + join + header + "=" + escaped));
  }

  private void altered() {
    SignedRequest good = good();
    String value = good.header(header);
    add(
        "signature-cut",
        "a comparison of prefixes lets signatures be guessed byte by byte",
        good.withHeader(header, value.substring(0, value.length() - 8)));
    for (String place : List.of("first", "last")) {
      add(
          "signature-" + place + "-byte",
          "a byte that is not compared",
          good.withHeader(header, altered(value, place.equals("first"))));
    }
    if (isList()) {
      String from = acceptance.label() + grammar.assign();
      for (String other : List.of("v0", "v9")) {
        add(
            "signature-version-" + other,
            "the request would choose the algorithm",
            good.withHeader(header, value.replace(from, other + grammar.assign())));
      }
    }
  }

  // The last entry is the signature in every list; its last sextet may hold padding bits only.
  private static String altered(String value, boolean first) {
    String bare = value.replaceAll("=+$", "");
    int from = Math.max(bare.lastIndexOf('='), bare.lastIndexOf(',')) + 1;
    int at = first ? from : bare.length() - 3;
    char other = value.charAt(at) == '0' ? '1' : '0';
    return value.substring(0, at) + other + value.substring(at + 1);
  }

  private void spelled() {
    SignedRequest good = good();
    String value = good.header(header);
    if (!acceptance.algorithm().protectsIntegrity()) {
      return;
    }
    if (acceptance.encoding() == Encoding.HEX) {
      int from = Math.max(value.lastIndexOf('='), value.lastIndexOf(',')) + 1;
      String upper = value.substring(0, from) + value.substring(from).toUpperCase(Locale.ROOT);
      add(
          "signature-upper-case",
          "a second spelling is a second replay key",
          good.withHeader(header, upper));
    }
    if (value.endsWith("=")) {
      add(
          "signature-without-padding",
          "a second spelling is a second replay key",
          good.withHeader(header, value.replaceAll("=+$", "")));
    }
  }

  private void repeated() {
    SignedRequest good = good();
    String wrong = altered(good.header(header), true);
    add(
        "signature-header-twice",
        "a proxy reads the one, the receiver the other",
        good.withoutHeader(header).andHeader(header, wrong).andHeader(header, good.header(header)));
    String between = isList() ? grammar.separator() : ",";
    add(
        "signature-5000-entries",
        "each entry costs a MAC",
        good.withHeader(header, (wrong + between).repeat(5000) + wrong),
        REFUSED_OR_TOO_LARGE);
    add(
        "signature-64kB",
        "long headers cost memory and time",
        good.withHeader(header, "A".repeat(64 * 1024)),
        REFUSED_OR_TOO_LARGE);
  }

  private void bySomebodyElse() {
    if (acceptance.algorithm().isPublicKey()) {
      return;
    }
    byte[] bytes = OTHER_SECRET.substring(0, 32).getBytes(StandardCharsets.US_ASCII);
    String prefix = acceptance.key().prefix();
    String other =
        switch (acceptance.key().form()) {
          case TEXT -> prefix + OTHER_SECRET;
          case HEX, HEX_ANY_CASE -> prefix + HexFormat.of().formatHex(bytes);
          case BASE64 -> prefix + Base64.getEncoder().encodeToString(bytes);
          case BASE64URL -> prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        };
    add(
        "secret-of-another-source",
        "one source's sender posts to another's",
        requests.secret(other).genuine(url));
  }

  private boolean isList() {
    return grammar.kind() == Grammar.Kind.ENTRIES;
  }

  private SignedRequest good() {
    return requests.genuine(url);
  }

  private void add(String attack, String why, SignedRequest request) {
    add(attack, why, request, REFUSED);
  }

  private void add(String attack, String why, SignedRequest request, Answers answers) {
    attacks.add(new HostileRequest(attack, why, Wire.plain(request), answers));
  }
}
