package dev.gatehouse.webhook;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A request that is being made: values can be put wherever a scheme has them. */
final class RequestDraft {
  static final String FORM_TYPE = "application/x-www-form-urlencoded";

  private final String method;
  private String url;
  private final List<Header> headers;
  private byte[] body;

  RequestDraft(Outgoing request) {
    this.method = request.method();
    this.url = request.url();
    this.headers = new ArrayList<>(request.headers().all());
    this.body = request.body();
  }

  /** The request as it is now. */
  WebhookRequest request() {
    return WebhookRequest.of(method, url, Headers.of(List.copyOf(headers)), body);
  }

  /** Whether the body is declared to be a form. */
  boolean isForm() {
    return RequestValues.isForm(request());
  }

  /** Whether there is a body. */
  boolean hasBody() {
    return body.length > 0;
  }

  /** Whether that header is there. */
  boolean hasHeader(String name) {
    return headers.stream().anyMatch(header -> header.name().equalsIgnoreCase(name));
  }

  /** How many items the array has, of which each is signed; one is made where there is none. */
  int items(String array) {
    if (array.isEmpty()) {
      return 1;
    }
    JsonBody json = JsonBody.read(body);
    int items = json.items(array);
    body = json.bytes();
    return items;
  }

  /**
   * Puts a value where it belongs, in the place of any that was there.
   *
   * @param item which item, where the place is in the items of an array
   */
  void put(ValueSource source, int item, String value) {
    switch (source.kind()) {
      case HEADER -> header(source.name(), value);
      case QUERY -> url = withQuery(url, source.name(), value);
      case FORM -> form(source.name(), value);
      case FIELD -> field(source.name(), value);
      case JSON -> json(source.name(), item, value);
      case ELEMENT, CLAIM ->
          throw new IllegalArgumentException(
              source + " stands within a signature, not beside it in the request");
    }
  }

  private void header(String name, String value) {
    headers.removeIf(header -> header.name().equalsIgnoreCase(name));
    headers.add(new Header(name, value));
  }

  private void field(String name, String value) {
    if (!hasBody()) {
      url = withQuery(url, name, value);
    } else if (isForm()) {
      form(name, value);
    } else {
      json("/" + name.replace("~", "~0").replace("/", "~1"), 0, value);
    }
  }

  private void json(String pointer, int item, String value) {
    JsonBody json = JsonBody.read(body);
    json.put(pointer, item, value);
    body = json.bytes();
  }

  private void form(String name, String value) {
    if (!hasBody() && !hasHeader("content-type")) {
      header("Content-Type", FORM_TYPE);
    }
    if (!isForm()) {
      throw new IllegalArgumentException(
          "headers: the signature stands in a form; send Content-Type: " + FORM_TYPE);
    }
    body =
        replaced(new String(body, StandardCharsets.ISO_8859_1), name, value)
            .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String withQuery(String url, String name, String value) {
    int fragment = url.indexOf('#');
    String whole = fragment < 0 ? url : url.substring(0, fragment);
    int question = whole.indexOf('?');
    String base = question < 0 ? whole : whole.substring(0, question);
    String query = question < 0 ? "" : whole.substring(question + 1);
    return base + "?" + replaced(query, name, value);
  }

  private static String replaced(String pairs, String name, String value) {
    StringBuilder kept = new StringBuilder();
    for (String pair : pairs.split("&", -1)) {
      if (!pair.isEmpty() && !isNamed(pair, name)) {
        kept.append(pair).append('&');
      }
    }
    return kept.append(escape(name)).append('=').append(escape(value)).toString();
  }

  private static boolean isNamed(String pair, String name) {
    int equals = pair.indexOf('=');
    String own = equals < 0 ? pair : pair.substring(0, equals);
    try {
      return URLDecoder.decode(own, StandardCharsets.UTF_8).equals(name);
    } catch (IllegalArgumentException brokenEscape) {
      return false;
    }
  }

  private static String escape(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
