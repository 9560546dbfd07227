package dev.gatehouse.benchmarks;

import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.HeaderList;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A good request of a scheme, with far too much where its signature stands, and wrong. */
final class HostileRequest {
  static final int ENTRIES = 5_000;
  static final int BYTES = 64 * 1024;

  private final Scheme scheme;
  private final Scheme.Vector good;

  HostileRequest(Scheme scheme, Scheme.Vector good) {
    this.scheme = scheme;
    this.good = good;
  }

  /** The signature in {@value #ENTRIES} pieces, or as one text of {@value #BYTES} bytes. */
  WebhookRequest with(boolean entries) {
    Scheme.Place place = scheme.variants().get(0).places().get(0);
    String name = place.in().name();
    return switch (place.in().kind()) {
      case JSON -> request(headers(Map.of()), good.url(), json(name, entries));
      case FORM, FIELD -> request(form(), good.url(), pairs(name, entries));
      case QUERY ->
          request(
              headers(Map.of()),
              "https://hooks.example.com/in?" + pairs(name, entries),
              good.body());
      default -> request(headers(spoilt(entries)), good.url(), good.body());
    };
  }

  private WebhookRequest request(List<String> headers, String url, String body) {
    return WebhookRequest.of(
        good.method(),
        url,
        Headers.of(headers.toArray(String[]::new)),
        body.getBytes(StandardCharsets.UTF_8));
  }

  // Every header in which signatures, elements or lists of names may stand.
  private Map<String, String> spoilt(boolean entries) {
    Map<String, String> spoilt = new java.util.HashMap<>();
    for (Scheme.Variant variant : scheme.variants()) {
      for (Scheme.Place place : variant.places()) {
        String value = value(place.header());
        if (!value.isEmpty()) {
          spoilt.put(place.header(), spoilt(value, entries));
        }
      }
    }
    HeaderList list = scheme.reading().headerList();
    if (list != null && list.in().kind() == ValueSource.Kind.HEADER) {
      spoilt.put(list.in().name(), spoilt("x-own" + list.separator(), entries));
    }
    if (scheme.message() != null) {
      spoilt.put("Signature-Input", spoilt(value("Signature-Input"), entries));
    }
    return spoilt;
  }

  private String spoilt(String value, boolean entries) {
    Grammar grammar = scheme.grammar();
    String wrong = value.substring(0, Math.max(0, value.length() - 8)) + "00000000";
    String separator =
        switch (grammar.kind()) {
          case BARE -> "";
          case JWT -> ".";
          case MESSAGE_SIGNATURE -> ", a";
          default -> grammar.separator();
        };
    if (!entries) {
      return (wrong + "A".repeat(BYTES)).substring(0, BYTES);
    }
    return (wrong + separator).repeat(ENTRIES) + wrong;
  }

  private String value(String name) {
    return good.headers().entrySet().stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }

  private List<String> headers(Map<String, String> changed) {
    List<String> headers = new ArrayList<>();
    good.headers()
        .forEach(
            (name, value) -> {
              headers.add(name);
              headers.add(
                  changed.entrySet().stream()
                      .filter(header -> header.getKey().equalsIgnoreCase(name))
                      .map(Map.Entry::getValue)
                      .findFirst()
                      .orElse(value));
            });
    return headers;
  }

  private List<String> form() {
    List<String> headers = headers(Map.of());
    headers.add("Content-Type");
    headers.add("application/x-www-form-urlencoded");
    return headers;
  }

  private static String pairs(String name, boolean entries) {
    if (!entries) {
      return name + "=" + "A".repeat(BYTES);
    }
    StringBuilder pairs = new StringBuilder(name + "=0");
    for (int i = 0; i < ENTRIES; i++) {
      pairs.append('&').append(name).append(i).append("=%41+1");
    }
    return pairs.toString();
  }

  private static String json(String pointer, boolean entries) {
    String[] segments = pointer.substring(1).split("/");
    String leaf = "\"" + (entries ? "0" : "A".repeat(BYTES)) + "\"";
    String text = leaf;
    boolean batch = false;
    for (int i = segments.length - 1; i >= 0; i--) {
      boolean item = segments[i].equals("*");
      batch |= item;
      int times = entries && item ? ENTRIES : 1;
      text =
          item
              ? "[" + (text + ",").repeat(times - 1) + text + "]"
              : "{\"" + segments[i] + "\":" + text + "}";
    }
    if (entries && !batch) {
      StringBuilder members = new StringBuilder("{");
      for (int i = 0; i < ENTRIES; i++) {
        members.append("\"m").append(i).append("\":[0],");
      }
      text = members + text.substring(1);
    }
    return text;
  }
}
