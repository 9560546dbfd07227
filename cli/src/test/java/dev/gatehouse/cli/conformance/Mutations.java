package dev.gatehouse.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Changes of a good case, each of which must make it a bad one. */
public final class Mutations {
  /**
   * A changed case.
   *
   * @param name what was changed
   * @param inputs the case
   * @param reasons the codes of which one must be the verdict's
   */
  public record Mutated(String name, ObjectNode inputs, Set<String> reasons) {}

  private final Scheme scheme;
  private final ObjectNode good;
  private final long timestamp;
  private final List<Mutated> made = new ArrayList<>();

  private Mutations(Scheme scheme, ObjectNode good, long timestamp) {
    this.scheme = scheme;
    this.good = good;
    this.timestamp = timestamp;
  }

  /**
   * All changes that make sense for a scheme.
   *
   * @param timestamp the time that the good case's verdict tells; 0 if none
   */
  public static List<Mutated> of(Scheme scheme, ObjectNode good, long timestamp) {
    Map<String, String> params = new HashMap<>();
    good.path("params").properties().forEach(p -> params.put(p.getKey(), p.getValue().asText()));
    Mutations mutations = new Mutations(scheme.with(params), good, timestamp);
    mutations.signatures();
    mutations.content();
    mutations.keys();
    mutations.times();
    return mutations.made;
  }

  private void add(String name, Consumer<ObjectNode> change, String... reasons) {
    ObjectNode copy = good.deepCopy();
    change.accept(copy);
    String id = good.get("case").asText() + " " + name;
    copy.put("case", id);
    made.add(new Mutated(id, copy, Set.of(reasons)));
  }

  private void signatures() {
    if (isElsewhere()) {
      signaturesInTheBody();
      return;
    }
    add("no signature", c -> removeHeaders(c, places()), "missing_signature");
    add(
        "an empty signature",
        c -> editHeaders(c, places(), value -> ""),
        "missing_signature",
        "malformed_signature",
        "signature_mismatch");
    add(
        "a shortened signature",
        c -> editSignatures(c, s -> s.substring(0, s.length() - 4)),
        "malformed_signature",
        "signature_mismatch");
    add(
        "a lengthened signature",
        c -> editSignatures(c, s -> s + "AAAA"),
        "malformed_signature",
        "signature_mismatch");
    add(
        "another signature",
        c -> editSignatures(c, Mutations::otherCharacter),
        "malformed_signature",
        "signature_mismatch");
    if (!scheme.grammar().repeated()) {
      add(
          "a second signature header that differs",
          c -> doubleHeaders(c, places()),
          "ambiguous_header");
    }
    boolean hex = scheme.accepts().stream().allMatch(a -> a.encoding() == Encoding.HEX);
    if (hex && scheme.message() == null) {
      add(
          "upper-case hex",
          c -> editSignatures(c, s -> s.toUpperCase(Locale.ROOT)),
          "malformed_signature",
          "signature_mismatch");
    }
  }

  // Some schemes take a token from a header or from the query; a case has one of them.
  private boolean isElsewhere() {
    Set<String> names = places();
    for (JsonNode header : headers(good)) {
      if (isOneOf(header, names)) {
        return false;
      }
    }
    return true;
  }

  private void signaturesInTheBody() {
    String[] bad = {"malformed_signature", "signature_mismatch", "unknown_signature_version"};
    BodySignature body = new BodySignature(scheme);
    add("no signature", c -> body.edit(c, s -> null), "missing_signature");
    add("an empty signature", c -> body.edit(c, s -> ""), "missing_signature", bad[0], bad[2]);
    add("a shortened signature", c -> body.edit(c, s -> s.substring(0, s.length() - 4)), bad);
    add("a lengthened signature", c -> body.edit(c, s -> s + "AAAA"), bad);
    add("another signature", c -> body.edit(c, Mutations::otherLastCharacters), bad);
  }

  private static String otherLastCharacters(String signature) {
    int at = signature.length() - 8;
    char other = signature.charAt(at) == 'a' ? 'b' : 'a';
    return signature.substring(0, at) + other + signature.substring(at + 1);
  }

  private void content() {
    add(
        "a compressed body",
        c -> headers(c).addArray().add("Content-Encoding").add("gzip"),
        "unsupported_content_encoding");
    if (!scheme.protectsIntegrity()) {
      return;
    }
    boolean allInQuery = isElsewhere() && new BodySignature(scheme).isInQuery(good);
    if (allInQuery) {
      add(
          "one more parameter",
          c -> c.put("url", c.get("url").asText() + "&own=1"),
          "signature_mismatch");
      add(
          "another parameter",
          c -> c.put("url", c.get("url").asText().replaceFirst("\\?([a-z])", "?x$1")),
          "signature_mismatch");
      return;
    }
    // A body of which the signature, or what is signed, is a part may become unreadable.
    String[] reasons =
        scheme.needsWholeRequest()
            ? new String[] {"signature_mismatch", "malformed_body", "malformed_signature"}
            : new String[] {"signature_mismatch"};
    add("one bit of the body", this::flipBit, reasons);
    add("a longer body", c -> setBody(c, append(body(c))), add(reasons, "malformed_body"));
    if (scheme.signsUrl()) {
      add(
          "another URL",
          c -> c.put("url", c.get("url").asText().replaceFirst("://", "://x")),
          "signature_mismatch");
    }
    if (scheme.contents().stream()
        .anyMatch(c -> String.valueOf(c.template()).contains("{method}"))) {
      add("another method", c -> c.put("method", "PUT"), "signature_mismatch");
    }
    if (scheme.params().containsKey("notification_url")) {
      add(
          "another notification URL",
          c -> ((ObjectNode) c.get("params")).put("notification_url", "https://x.example/"),
          "signature_mismatch");
    }
  }

  private void keys() {
    if (good.path("params").has("jwks")) {
      add("another key under its kid", Mutations::exchangeKey, "signature_mismatch");
      add("another kid", c -> editKeySet(c, "\"kid\":\"", "\"kid\":\"x"), "unknown_key");
      return;
    }
    if (good.path("params").has("certificate")) {
      return;
    }
    add(
        "another secret",
        c -> {
          ArrayNode secrets = c.putArray("secrets");
          good.get("secrets").forEach(s -> secrets.add(otherKey(s.asText())));
        },
        "signature_mismatch");
  }

  private void times() {
    if (!scheme.signsTime() || timestamp == 0) {
      return;
    }
    long window = scheme.window().orElseThrow().toSeconds();
    add("too late", c -> c.put("now", timestamp + window + 1), "too_old");
    add("too early", c -> c.put("now", timestamp - window - 1), "too_new");
    TimeRule rule = scheme.variants().get(0).time();
    if (rule != null && rule.in().kind() == ValueSource.Kind.HEADER) {
      Set<String> names = Set.of(rule.in().name());
      String[] missing = {"missing_timestamp", "missing_id"};
      if (scheme.variants().size() == 1) {
        add("no time", c -> removeHeaders(c, names), missing);
        add("a time that is none", c -> editHeaders(c, names, v -> "soon"), "malformed_timestamp");
        add("another time", c -> editHeaders(c, names, Mutations::otherTime), "signature_mismatch");
        add("a second time", c -> doubleHeaders(c, names), "ambiguous_header");
      }
    }
  }

  private static String[] add(String[] reasons, String more) {
    String[] all = Arrays.copyOf(reasons, reasons.length + 1);
    all[reasons.length] = more;
    return Arrays.stream(all).distinct().toArray(String[]::new);
  }

  private static void editKeySet(ObjectNode of, String from, String to) {
    ObjectNode params = (ObjectNode) of.get("params");
    params.put("jwks", params.get("jwks").asText().replace(from, to));
  }

  private static void exchangeKey(ObjectNode of) {
    byte[] spki = otherPublicKey(Algorithm.ECDSA_P256_SHA256);
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String x = base64.encodeToString(Arrays.copyOfRange(spki, spki.length - 64, spki.length - 32));
    String y = base64.encodeToString(Arrays.copyOfRange(spki, spki.length - 32, spki.length));
    ObjectNode params = (ObjectNode) of.get("params");
    String set = params.get("jwks").asText();
    set = set.replaceAll("\"x\":\"[^\"]*\"", "\"x\":\"" + x + "\"");
    set = set.replaceAll("\"y\":\"[^\"]*\"", "\"y\":\"" + y + "\"");
    // Another modulus of the same length is another RSA key.
    params.put("jwks", set.replaceAll("(\"n\":\"[^\"]{20})[^\"]{4}", "$1AAAA"));
  }

  // --- headers

  private Set<String> places() {
    Set<String> names = new LinkedHashSet<>();
    scheme.variants().forEach(v -> v.places().forEach(p -> names.add(p.header())));
    return names;
  }

  private static ArrayNode headers(ObjectNode of) {
    return (ArrayNode) of.get("headers");
  }

  private static boolean isOneOf(JsonNode header, Set<String> names) {
    return names.stream().anyMatch(name -> name.equalsIgnoreCase(header.get(0).asText()));
  }

  private static void removeHeaders(ObjectNode of, Set<String> names) {
    for (int i = headers(of).size() - 1; i >= 0; i--) {
      if (isOneOf(headers(of).get(i), names)) {
        headers(of).remove(i);
      }
    }
  }

  private static void editHeaders(ObjectNode of, Set<String> names, UnaryOperator<String> edit) {
    for (JsonNode header : headers(of)) {
      if (isOneOf(header, names)) {
        ((ArrayNode) header).set(1, edit.apply(header.get(1).asText()));
      }
    }
  }

  private static void doubleHeaders(ObjectNode of, Set<String> names) {
    List<JsonNode> copies = new ArrayList<>();
    headers(of).forEach(header -> copies.add(header.deepCopy()));
    copies.removeIf(header -> !isOneOf(header, names));
    copies.forEach(header -> ((ArrayNode) header).set(1, header.get(1).asText() + "0"));
    copies.forEach(headers(of)::add);
  }

  private void editSignatures(ObjectNode of, UnaryOperator<String> edit) {
    editHeaders(of, places(), value -> editEntries(value, edit));
  }

  private String editEntries(String value, UnaryOperator<String> edit) {
    Grammar grammar = scheme.grammar();
    if (grammar.kind() == Grammar.Kind.JWT) {
      int dot = value.lastIndexOf('.') + 1;
      return value.substring(0, dot) + edit.apply(value.substring(dot));
    }
    if (grammar.kind() == Grammar.Kind.MESSAGE_SIGNATURE) {
      int colon = value.indexOf(':') + 1;
      return value.substring(0, colon)
          + edit.apply(value.substring(colon, value.length() - 1))
          + ":";
    }
    if (grammar.kind() == Grammar.Kind.POSITIONAL || grammar.kind() == Grammar.Kind.LIST) {
      String[] listed = value.split(java.util.regex.Pattern.quote(grammar.separator()), -1);
      int first = grammar.kind() == Grammar.Kind.POSITIONAL ? 1 : 0;
      for (int i = first; i < listed.length; i++) {
        listed[i] = edit.apply(listed[i]);
      }
      return String.join(grammar.separator(), listed);
    }
    if (grammar.kind() == Grammar.Kind.BARE) {
      String prefix = scheme.accepts().get(0).label();
      return prefix + edit.apply(value.substring(prefix.length()));
    }
    List<String> entries = new ArrayList<>();
    for (String entry : value.split(java.util.regex.Pattern.quote(grammar.separator()), -1)) {
      int assign = entry.indexOf(grammar.assign());
      String label = entry.substring(0, assign).strip();
      boolean signature = scheme.accepts().stream().anyMatch(a -> a.label().equals(label));
      entries.add(
          signature
              ? entry.substring(0, assign + 1) + edit.apply(entry.substring(assign + 1))
              : entry);
    }
    return String.join(grammar.separator(), entries);
  }

  private static String otherCharacter(String signature) {
    if (signature.length() < 9) {
      return signature;
    }
    char other = signature.charAt(8) == 'a' ? 'b' : 'a';
    return signature.substring(0, 8) + other + signature.substring(9);
  }

  private static String otherTime(String time) {
    if (time.matches(".*T.*[+-]\\d\\d:\\d\\d")) {
      return time.replaceFirst("00([+-]\\d\\d:\\d\\d)$", "01$1");
    }
    if (time.endsWith("Z")) {
      return time.substring(0, 18) + (time.charAt(18) == '0' ? '1' : '0') + time.substring(19);
    }
    return time.length() > 11
        ? Long.toString(Long.parseLong(time) + 1000)
        : Long.toString(Long.parseLong(time) + 1);
  }

  // --- bodies

  private static byte[] body(ObjectNode of) {
    return of.has("body_base64")
        ? Base64.getDecoder().decode(of.get("body_base64").asText())
        : of.get("body").asText().getBytes(StandardCharsets.UTF_8);
  }

  private static void setBody(ObjectNode of, byte[] body) {
    of.remove("body");
    of.put("body_base64", Base64.getEncoder().encodeToString(body));
  }

  private static byte[] append(byte[] body) {
    byte[] longer = Arrays.copyOf(body, body.length + 1);
    longer[body.length] = '1';
    return longer;
  }

  private void flipBit(ObjectNode of) {
    byte[] body = body(of);
    if (body.length == 0) {
      body = "a=1".getBytes(StandardCharsets.UTF_8);
    } else {
      body[body.length / 2] ^= 1;
    }
    setBody(of, body);
  }

  // --- keys

  private String otherKey(String key) {
    if (scheme.message() != null) {
      return MessageVector.otherKey(
          dev.gatehouse.webhook.rfc9421.MessageAlgorithm.named(
                  good.get("params").get("algorithm").asText())
              .orElseThrow());
    }
    Acceptance acceptance =
        scheme.accepts().stream()
            .filter(a -> a.key().claims(key))
            .findFirst()
            .orElse(scheme.accepts().get(0));
    byte[] other = new byte[32];
    Arrays.fill(other, (byte) 7);
    if (acceptance.algorithm().isPublicKey()) {
      other = otherPublicKey(acceptance.algorithm());
    } else if (acceptance.key().form() == Encoding.TEXT) {
      boolean full = key.length() == acceptance.key().maxBytes();
      return (full ? key.substring(1) : key) + "x";
    }
    String text =
        acceptance.key().form() == Encoding.HEX
            ? HexFormat.of().formatHex(other)
            : Base64.getEncoder().encodeToString(other);
    return acceptance.key().prefix() + text;
  }

  private static byte[] otherPublicKey(Algorithm algorithm) {
    try {
      if (algorithm == Algorithm.ED25519) {
        byte[] spki =
            KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
        return Arrays.copyOfRange(spki, spki.length - 32, spki.length);
      }
      if (algorithm.isRsa()) {
        return KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic().getEncoded();
      }
      KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
      curve.initialize(new java.security.spec.ECGenParameterSpec("secp256r1"));
      return curve.generateKeyPair().getPublic().getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
