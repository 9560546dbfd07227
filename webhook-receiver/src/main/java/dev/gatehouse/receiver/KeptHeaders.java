package dev.gatehouse.receiver;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Scheme;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Which of a webhook's headers are kept and forwarded: none that is a credential, a signature, of
 * the connection, what only a proxy should say, or ours.
 *
 * <p>A signature proves nothing to the destination, which does not know the sender's secret, and a
 * token would let it pose as the sender.
 */
final class KeptHeaders {
  private static final Set<String> DROPPED =
      Set.of(
          "accept-encoding",
          "connection",
          "content-length",
          "content-type",
          "digest",
          "content-digest",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via");

  // What proxies in front of a server say of its client, or of another URL or method. Whoever reads
  // one believes it, and the sender can write it itself.
  private static final Set<String> FROM_PROXIES =
      Set.of(
          "cf-connecting-ip",
          "cf-connecting-ipv6",
          "cf-pseudo-ipv4",
          "client-ip",
          "cloudfront-viewer-address",
          "fastly-client-ip",
          "fly-client-ip",
          "forwarded",
          "forwarded-for",
          "true-client-ip",
          "wl-proxy-client-ip",
          "x-appengine-user-ip",
          "x-azure-clientip",
          "x-azure-socketip",
          "x-client-ip",
          "x-cluster-client-ip",
          "x-envoy-external-address",
          "x-forwarded",
          "x-http-method",
          "x-http-method-override",
          "x-method-override",
          "x-original-forwarded-for",
          "x-original-url",
          "x-real-ip",
          "x-remote-addr",
          "x-remote-ip",
          "x-rewrite-url");

  private static final List<String> PREFIXES =
      List.of("gatehouse-", "webhook-", "svix-", "proxy-", "x-forwarded-", "sec-", ":");

  // What we say ourselves; whoever reads a delivery must be sure that we did.
  private static final List<String> OURS = List.of("gatehouse-", "webhook-", "svix-");

  // Names of credentials and signatures, in the spellings of the catalogue's providers.
  private static final List<String> TELLTALES =
      List.of(
          "auth",
          "cookie",
          "signature",
          "-sig",
          "token",
          "secret",
          "hmac",
          "api-key",
          "apikey",
          "password",
          "credential",
          "jwt");

  private static final Pattern SEPARATOR = Pattern.compile("[^a-z0-9:-]");

  private static final JsonStringEncoder JSON = JsonStringEncoder.getInstance();

  // Senders choose names, so that only so many are remembered; the others are decided each time.
  private static final int MAX_REMEMBERED = 256;

  private final Set<String> signatureHeaders = new TreeSet<>();
  private final Map<String, Boolean> remembered = new ConcurrentHashMap<>();

  private KeptHeaders() {}

  /** The rule for a scheme, whose own signature headers are dropped too. */
  static KeptHeaders of(Scheme scheme) {
    KeptHeaders kept = new KeptHeaders();
    scheme.variants().stream()
        .flatMap(variant -> variant.places().stream())
        .forEach(place -> kept.signatureHeaders.add(folded(place.header())));
    return kept;
  }

  boolean keeps(String name) {
    Boolean known = remembered.get(name);
    if (known != null) {
      return known;
    }
    boolean keeps = decide(name);
    if (remembered.size() < MAX_REMEMBERED && name.length() <= MAX_REMEMBERED) {
      remembered.put(name, keeps);
    }
    return keeps;
  }

  private boolean decide(String name) {
    String folded = folded(name);
    return !DROPPED.contains(folded)
        && !FROM_PROXIES.contains(folded)
        && !signatureHeaders.contains(folded)
        && PREFIXES.stream().noneMatch(folded::startsWith)
        && TELLTALES.stream().noneMatch(folded::contains);
  }

  // CGI (RFC 3875, section 4.1.18) and what followed it, such as WSGI, Rack and PHP, tell
  // Gatehouse_Source from Gatehouse-Source as little as its case; some fold every such character.
  private static String folded(String name) {
    return SEPARATOR.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("-");
  }

  /** What is kept, as a JSON object: a text for a header that came once, else a list. */
  String toJson(Headers headers) {
    Set<String> named = connectionNamed(headers);
    Map<String, List<String>> byName = new LinkedHashMap<>();
    for (Header header : headers.all()) {
      if (keeps(header.name())
          && (named.isEmpty() || !named.contains(header.name().toLowerCase(Locale.ROOT)))) {
        byName.merge(header.name(), List.of(header.value()), KeptHeaders::joined);
      }
    }
    StringBuilder json = new StringBuilder(256).append('{');
    byName.forEach(
        (name, values) -> {
          json.append(json.length() == 1 ? "" : ",");
          quoted(json, name).append(':');
          if (values.size() == 1) {
            quoted(json, values.get(0));
          } else {
            list(json, values);
          }
        });
    return json.append('}').toString();
  }

  // What came first is the one text; from the second on there is a list of our own to add to.
  private static List<String> joined(List<String> before, List<String> more) {
    List<String> joined = before instanceof ArrayList<String> ours ? ours : new ArrayList<>(before);
    joined.addAll(more);
    return joined;
  }

  private static void list(StringBuilder json, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      quoted(json.append(i == 0 ? '[' : ','), values.get(i));
    }
    json.append(']');
  }

  // RFC 9110, section 7.6.1: what Connection names is for the next hop only.
  private static Set<String> connectionNamed(Headers headers) {
    String connection = headers.first("connection");
    if (connection == null || connection.equalsIgnoreCase("keep-alive")) {
      return Set.of();
    }
    Set<String> named = new TreeSet<>();
    for (String name : connection.split(",", 64)) {
      named.add(name.strip().toLowerCase(Locale.ROOT));
    }
    return named;
  }

  private static StringBuilder quoted(StringBuilder json, String text) {
    json.append('"');
    JSON.quoteAsString(text, json);
    return json.append('"');
  }

  /**
   * Adds what was kept to a request; what the client would not send is left out.
   *
   * @return how many were left out
   */
  static int addTo(MultiMap headers, String json) {
    int refused = 0;
    for (Map.Entry<String, Object> header : new JsonObject(json)) {
      String folded = folded(header.getKey());
      if (OURS.stream().anyMatch(folded::startsWith)) {
        continue; // kept by an earlier version
      }
      List<?> values = header.getValue() instanceof JsonArray many ? many.getList() : null;
      for (Object value : values == null ? List.of(header.getValue()) : values) {
        refused += add(headers, header.getKey(), String.valueOf(value)) ? 0 : 1;
      }
    }
    return refused;
  }

  // A server may take what a client does not send, such as a control character in a value.
  private static boolean add(MultiMap headers, String name, String value) {
    try {
      headers.add(name, value);
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }
}
