package dev.gatehouse.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.Explain.Finding;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The mistakes that {@link Explain} knows, each with what undoes it; pure functions. */
final class Mistakes {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Mistakes() {}

  /**
   * A mistake undone.
   *
   * @param code its stable name
   * @param value what would stand there without it
   */
  record Mistake<T>(String code, String what, String remedy, T value) {}

  // --- the secret

  static List<Mistake<List<Secret>>> secrets(List<Secret> given) {
    List<Mistake<List<Secret>>> all = new ArrayList<>();
    secret(
        all,
        given,
        "secret_with_space",
        "The secret was given with white space or a line end around it.",
        "Take it off: a file that an editor or echo wrote ends with a line feed.",
        String::strip);
    secret(
        all,
        given,
        "secret_with_line_end",
        "The sender's secret ends with a line feed that yours lacks.",
        "Give it exactly as the sender has it, or better set a new one on both sides.",
        s -> s + "\n");
    secret(
        all,
        given,
        "secret_quoted",
        "The secret was given in quotes.",
        "Take the quotes off.",
        s -> s.replaceAll("^[\"'](.*)[\"']$", "$1"));
    for (String prefix : List.of("whsec_", "whpk_", "whsk_")) {
      secret(
          all,
          given,
          "secret_prefix",
          "The secret's prefix " + prefix + " is part of it here, or is not.",
          "Give the secret as the provider shows it; do not cut its prefix off, nor add one.",
          s -> s.startsWith(prefix) ? s.substring(prefix.length()) : prefix + s);
    }
    secret(
        all,
        given,
        "secret_decoded",
        "The secret was decoded from base64 before it was given, or must not be.",
        "Give the text that the provider shows and leave decoding to the scheme.",
        s -> Base64.getEncoder().encodeToString(s.getBytes(StandardCharsets.UTF_8)));
    secret(
        all,
        given,
        "secret_encoded",
        "The sender signs with the bytes that the secret's base64 stands for.",
        "Check that the scheme is the right one; this one takes the secret as text.",
        s -> decoded(s, Base64.getDecoder()::decode));
    secret(
        all,
        given,
        "secret_hex",
        "The sender signs with the bytes that the secret's hex stands for.",
        "Check that the scheme is the right one; this one takes the secret as text.",
        s -> decoded(s, HexFormat.of()::parseHex));
    return all;
  }

  private static String decoded(String text, java.util.function.Function<String, byte[]> decoder) {
    try {
      return new String(decoder.apply(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notSoWritten) {
      return text;
    }
  }

  private static void secret(
      List<Mistake<List<Secret>>> all,
      List<Secret> given,
      String code,
      String what,
      String remedy,
      UnaryOperator<String> change) {
    List<Secret> changed = new ArrayList<>();
    boolean any = false;
    for (Secret secret : given) {
      String text = change.apply(secret.revealText());
      if (!text.equals(secret.revealText()) && Secret.refusal(text).isEmpty()) {
        changed.add(Secret.of(secret.id(), text));
        any = true;
      }
    }
    if (any) {
      // Codes of one kind may come with several changes; each is its own attempt.
      all.add(new Mistake<>(code, what, remedy, List.copyOf(changed)));
    }
  }

  // --- the body

  static List<Mistake<WebhookRequest>> bodies(WebhookRequest request) {
    byte[] raw = request.bodyBytes();
    String text = new String(raw, StandardCharsets.UTF_8);
    String framework = "Hand the raw bytes to the verifier, before any parser or formatter.";
    Map<String, String> changed = new LinkedHashMap<>();
    changed.put("body_newline_trimmed:n", text + "\n");
    changed.put("body_newline_trimmed:rn", text + "\r\n");
    changed.put("body_newline_added", text.replaceAll("[\\r\\n]+$", ""));
    changed.put("body_line_ends:rn", text.replace("\r\n", "\n").replace("\n", "\r\n"));
    changed.put("body_line_ends:n", text.replace("\r\n", "\n"));
    changed.put("body_trimmed", text.strip());
    changed.put("body_bom_lost", "\ufeff" + text);
    changed.put("body_bom_added", text.startsWith("\ufeff") ? text.substring(1) : text);
    changed.put("body_missing", "");
    changed.put(
        "body_charset",
        new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    tree(text).ifPresent(tree -> JsonForms.all(tree).forEach(changed::put));
    List<Mistake<WebhookRequest>> all = new ArrayList<>();
    changed.forEach(
        (code, body) -> {
          if (!body.equals(text)) {
            String name = code.replaceFirst(":.*", "");
            all.add(new Mistake<>(name, whatOfBody(name), framework, with(request, body)));
          }
        });
    return all;
  }

  private static String whatOfBody(String code) {
    return switch (code) {
      case "json_reserialised" -> "The body was parsed as JSON and written again, in another form.";
      case "body_newline_trimmed" -> "A line end at the end of the body was cut off.";
      case "body_newline_added" -> "A line end was added to the body.";
      case "body_line_ends" -> "The line ends in the body were changed.";
      case "body_trimmed" -> "White space around the body was added.";
      case "body_bom_lost" -> "The byte order mark at the body's start was taken off.";
      case "body_bom_added" -> "A byte order mark was put before the body.";
      case "body_missing" -> "The sender signed an empty body, and this request has one.";
      default -> "The body was decoded in another charset than UTF-8 and written again.";
    };
  }

  private static Optional<JsonNode> tree(String text) {
    try {
      JsonNode tree = JSON.readTree(text);
      return Optional.ofNullable(tree).filter(JsonNode::isContainerNode);
    } catch (JsonProcessingException notJson) {
      return Optional.empty();
    }
  }

  private static WebhookRequest with(WebhookRequest request, String body) {
    return WebhookRequest.of(
        request.method(), request.url(), request.headers(), body.getBytes(StandardCharsets.UTF_8));
  }

  // --- the URL

  static List<Mistake<WebhookRequest>> urls(WebhookRequest request) {
    String url = request.url();
    String proxy =
        "Give the URL under which the sender calls: publicUrl, or trustedProxies for the proxy.";
    Map<String, String> changed = new LinkedHashMap<>();
    changed.put("url_scheme:s", url.replaceFirst("^http://", "https://"));
    changed.put("url_scheme:p", url.replaceFirst("^https://", "http://"));
    changed.put("url_port:no", url.replaceFirst("^(https?://[^/:?]+):\\d+", "$1"));
    changed.put("url_port:s", url.replaceFirst("^http://([^/:?]+)(?::\\d+)?", "https://$1"));
    changed.put("url_port:443", url.replaceFirst("^(https://[^/:?]+)(?=[/?]|$)", "$1:443"));
    changed.put("url_slash:no", url.replaceFirst("/(\\?|$)", "$1"));
    changed.put("url_slash:yes", url.replaceFirst("([^/?])(\\?|$)", "$1/$2"));
    changed.put("url_query", url.replaceFirst("\\?.*$", ""));
    List<Mistake<WebhookRequest>> all = new ArrayList<>();
    changed.forEach(
        (code, text) -> {
          if (!text.equals(url)) {
            String name = code.replaceFirst(":.*", "");
            all.add(
                new Mistake<>(
                    name,
                    whatOfUrl(name),
                    proxy,
                    WebhookRequest.of(
                        request.method(), text, request.headers(), request.bodyBytes())));
          }
        });
    return all;
  }

  private static String whatOfUrl(String code) {
    return switch (code) {
      case "url_scheme" -> "The sender signed the URL with the other of http and https.";
      case "url_port" -> "The sender signed the URL with another port, or without one.";
      case "url_slash" -> "The sender signed the URL with another slash at the path's end.";
      default -> "The sender signed the URL without its query.";
    };
  }

  // --- the method

  static List<Mistake<WebhookRequest>> methods(WebhookRequest request) {
    return List.of("POST", "PUT", "PATCH", "GET", "DELETE").stream()
        .filter(method -> !method.equals(request.method()))
        .map(
            method ->
                new Mistake<>(
                    "method",
                    "The sender signed the method " + method + ".",
                    "Judge the request by the method under which it came (--method); look for a"
                        + " proxy that changes it.",
                    WebhookRequest.of(
                        method, request.url(), request.headers(), request.bodyBytes())))
        .toList();
  }

  // --- headers

  static List<Mistake<WebhookRequest>> headers(Scheme scheme, WebhookRequest request) {
    List<Mistake<WebhookRequest>> all = new ArrayList<>();
    for (Scheme.Variant variant : scheme.variants()) {
      for (Scheme.Place place : variant.places()) {
        if (!place.header().isEmpty()) {
          renamed(all, request, place.header());
          rewritten(all, scheme, request, place.header());
        }
      }
    }
    return all;
  }

  private static void renamed(
      List<Mistake<WebhookRequest>> all, WebhookRequest request, String wanted) {
    if (request.headers().first(wanted) != null) {
      return;
    }
    for (Header header : request.headers().all()) {
      if (plain(header.name()).endsWith(plain(wanted))) {
        all.add(
            new Mistake<>(
                "header_renamed",
                "The signature came under the name " + header.name() + ".",
                "Keep the name " + wanted + " on the way: look at the proxy or the gateway.",
                replaced(request, header.name(), wanted, header.value())));
      }
    }
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  private static void rewritten(
      List<Mistake<WebhookRequest>> all, Scheme scheme, WebhookRequest request, String name) {
    String value = request.headers().first(name);
    if (value == null || scheme.accepts().isEmpty()) {
      return; // a message signature is a structured field, and has no other spelling
    }
    String prefix = scheme.accepts().get(0).label();
    Map<String, String> changed = new LinkedHashMap<>();
    changed.put("signature_case", value.toLowerCase(Locale.ROOT));
    changed.put("signature_quoted", value.replaceAll("^\"(.*)\"$", "$1").strip());
    changed.put("signature_prefix", prefix + value);
    String bare = value.startsWith(prefix) ? value.substring(prefix.length()) : value;
    reencoded(bare).ifPresent(text -> changed.put("signature_encoding", prefix + text));
    changed.forEach(
        (code, text) -> {
          if (!text.equals(value)) {
            all.add(
                new Mistake<>(
                    code,
                    "The signature in " + name + " is written in another way than the scheme's.",
                    "Do not change it on the way; if it came so, check that the scheme is right.",
                    replaced(request, name, name, text)));
          }
        });
  }

  private static Optional<String> reencoded(String text) {
    try {
      return text.matches("[0-9A-Fa-f]{40,}")
          ? Optional.of(Base64.getEncoder().encodeToString(HexFormat.of().parseHex(text)))
          : Optional.of(HexFormat.of().formatHex(Base64.getDecoder().decode(text)));
    } catch (IllegalArgumentException neither) {
      return Optional.empty();
    }
  }

  private static WebhookRequest replaced(
      WebhookRequest request, String old, String name, String value) {
    List<Header> headers = new ArrayList<>();
    for (Header header : request.headers().all()) {
      headers.add(header.name().equalsIgnoreCase(old) ? new Header(name, value) : header);
    }
    return WebhookRequest.of(
        request.method(), request.url(), Headers.of(headers), request.bodyBytes());
  }

  // --- another provider

  static List<Scheme> otherSchemes(Scheme scheme, WebhookRequest request) {
    return Schemes.all().stream()
        .filter(other -> !other.name().equals(scheme.name()))
        .filter(other -> !other.needsWholeRequest() && other.jwt() == null)
        .filter(
            other ->
                other.variants().stream()
                    .flatMap(variant -> variant.places().stream())
                    .anyMatch(place -> request.headers().first(place.header()) != null))
        .toList();
  }

  // --- when nothing fits

  static List<Finding> hints(Scheme scheme, RejectReason reason, WebhookRequest request) {
    List<Finding> hints = new ArrayList<>(bodyHash(scheme, request));
    Finding first = hint(reason.code(), Reasons.what(reason), Reasons.remedy(reason));
    hints.addAll(hints(first, scheme, request));
    if (reason == RejectReason.SIGNATURE_MISMATCH) {
      hints.add(
          hint(
              "secret_of_another",
              "No known mistake explains it. Mostly the secret is another's: of another endpoint,"
                  + " of the test mode, or an old one.",
              "Copy the secret of this very endpoint anew from the provider's dashboard."));
      hints.add(
          hint(
              "body_changed",
              "Else the body is not the one that was signed, in a way that cannot be undone.",
              "Capture the raw bytes at the edge and try again with them."));
    }
    return hints;
  }

  // A signed URL vouches for the body only through the hash at its end.
  private static List<Finding> bodyHash(Scheme scheme, WebhookRequest request) {
    byte[] actual = Fingerprint.sha256(request.bodyBytes());
    List<Finding> hints = new ArrayList<>();
    for (Scheme.Content content : scheme.contents()) {
      boolean there =
          FormPairs.ofQuery(request.url())
              .flatMap(query -> query.first(content.whenQuery()))
              .isPresent();
      for (Requirement requirement : content.requirements()) {
        if (requirement instanceof Requirement.BodyHash hash && there) {
          if (!hash.isMetBy(request.url(), actual)) {
            hints.add(
                hint(
                    "body_hash",
                    "The body is not the one whose SHA-256 stands at the URL's end, as "
                        + hash.query()
                        + ".",
                    "Hand the raw bytes to the verifier, and the URL as the sender called it."));
          }
        } else if (requirement instanceof Requirement.BodyHash hash
            && scheme.contents().size() == 1) {
          hints.add(
              hint(
                  "body_hash_missing",
                  "The URL has no " + hash.query() + ", and nothing else vouches for the body.",
                  "Give the URL with its query, as the sender called it; look for a proxy that"
                      + " cuts it off."));
        }
      }
    }
    return hints;
  }

  /** That, and the schemes whose header the request has. */
  static List<Finding> hints(Finding first, Scheme scheme, WebhookRequest request) {
    List<Finding> hints = new ArrayList<>();
    hints.add(first);
    for (Scheme other : otherSchemes(scheme, request)) {
      hints.add(
          hint(
              "looks_like_another_scheme",
              "It has the signature header of " + other.title() + ".",
              "Try the scheme " + other.name() + "."));
    }
    return hints;
  }

  private static Finding hint(String code, String what, String remedy) {
    return new Finding(code, false, what, remedy);
  }
}
