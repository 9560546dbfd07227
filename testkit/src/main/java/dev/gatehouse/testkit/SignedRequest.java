package dev.gatehouse.testkit;

import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A request that carries its signature; an immutable value, changed only into another one.
 *
 * @param method the method, upper case
 * @param url the absolute URL, as it was signed
 * @param headers the headers, those of the signature among them
 * @param body the raw body; not a copy, do not change it
 */
public record SignedRequest(String method, String url, List<Header> headers, byte[] body) {
  /** Keeps the headers as they are now. */
  public SignedRequest {
    headers = List.copyOf(headers);
  }

  /** The same request as a verifier takes it. */
  public WebhookRequest toWebhookRequest() {
    return WebhookRequest.of(method, url, Headers.of(headers), body);
  }

  /** The same request for the JDK's client, to be sent to its URL. */
  public HttpRequest toHttpRequest() {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(url))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(header -> builder.header(header.name(), header.value()));
    return builder.build();
  }

  /**
   * The first value of a header, whatever the case of its name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public String header(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the request has no header " + name))
        .value();
  }

  /** The same with one value for that header, signed or not as it was. */
  public SignedRequest withHeader(String name, String value) {
    return withoutHeader(name).andHeader(name, value);
  }

  /** The same with one header more, beside those of its name. */
  public SignedRequest andHeader(String name, String value) {
    List<Header> more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new SignedRequest(method, url, more, body);
  }

  /** The same without that header. */
  public SignedRequest withoutHeader(String name) {
    List<Header> fewer =
        headers.stream().filter(header -> !header.name().equalsIgnoreCase(name)).toList();
    return new SignedRequest(method, url, fewer, body);
  }

  /** The same headers over another body: what a tamperer sends. */
  public SignedRequest withBody(byte[] other) {
    return new SignedRequest(method, url, headers, other);
  }

  /** The same with another method, which is signed in few schemes. */
  public SignedRequest withMethod(String other) {
    return new SignedRequest(other, url, headers, body);
  }

  /** The same under another URL. */
  public SignedRequest withUrl(String other) {
    return new SignedRequest(method, other, headers, body);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedRequest that
        && method.equals(that.method)
        && url.equals(that.url)
        && headers.equals(that.headers)
        && Arrays.equals(body, that.body);
  }

  @Override
  public int hashCode() {
    return 31 * url.hashCode() + headers.hashCode();
  }

  /** Method and URL; never headers or body. */
  @Override
  public String toString() {
    return method + " " + url;
  }
}
