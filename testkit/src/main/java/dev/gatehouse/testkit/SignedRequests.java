package dev.gatehouse.testkit;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Requests as the sender of a scheme would sign them: what comes from here, a verifier of that
 * scheme and secret accepts.
 *
 * <pre>{@code
 * SignedRequests github = SignedRequests.of("github", "own-github-secret");
 * client.send(github.post(url, "{\"zen\":\"Design for failure.\"}").toHttpRequest(), ofString());
 * }</pre>
 *
 * <p>Times are taken from a clock and ids are random, unless a test gives its own. Where the scheme
 * signs public-key signatures, the secret is the private key.
 */
public final class SignedRequests {
  private final Scheme scheme;
  private final String secret;
  private final Map<String, String> params;
  private final InstantSource clock;
  private final Supplier<String> ids;

  private SignedRequests(
      Scheme scheme,
      String secret,
      Map<String, String> params,
      InstantSource clock,
      Supplier<String> ids) {
    this.scheme = scheme;
    this.secret = secret;
    this.params = Map.copyOf(params);
    this.clock = clock;
    this.ids = ids;
  }

  /**
   * Requests of a scheme of the catalogue.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static SignedRequests of(String scheme, String secret) {
    return of(Schemes.named(scheme), secret);
  }

  /** Requests of any scheme, your own among them. */
  public static SignedRequests of(Scheme scheme, String secret) {
    return new SignedRequests(
        scheme, secret, Map.of(), InstantSource.system(), () -> "msg_" + UUID.randomUUID());
  }

  /** With a constant that the scheme signs, such as Square's {@code notification_url}. */
  public SignedRequests param(String name, String value) {
    Map<String, String> more = new HashMap<>(params);
    more.put(name, value);
    return new SignedRequests(scheme, secret, more, clock, ids);
  }

  /** With the clock that gives the signed times. */
  public SignedRequests clock(InstantSource source) {
    return new SignedRequests(scheme, secret, params, source, ids);
  }

  /** With that id in every delivery, so that the second is a duplicate of the first. */
  public SignedRequests id(String id) {
    return new SignedRequests(scheme, secret, params, clock, () -> id);
  }

  /** With another secret: what somebody signs who does not know the right one. */
  public SignedRequests secret(String other) {
    return new SignedRequests(scheme, other, params, clock, ids);
  }

  /** A signed POST of that text. */
  public SignedRequest post(String url, String body) {
    return sign("POST", url, List.of(), body.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A signed request.
   *
   * @param method the method, upper case
   * @param url the absolute URL that is called, and signed where the scheme says so
   * @param headers headers beside those of the signature; they win over ones of the same name
   * @param body the raw body
   * @throws IllegalArgumentException if the scheme's sender could not send it; the message says why
   */
  public SignedRequest sign(String method, String url, List<Header> headers, byte[] body) {
    WebhookSigner signer =
        WebhookSigner.create(scheme, List.of(Secret.of("testkit", secret)), params);
    List<Header> made =
        signer.sign(
            new WebhookSigner.Outgoing(
                method, url, Headers.of(headers), body, ids.get(), clock.instant()));
    List<Header> all = new ArrayList<>(headers);
    made.stream()
        .filter(header -> headers.stream().noneMatch(h -> h.name().equalsIgnoreCase(header.name())))
        .forEach(all::add);
    return new SignedRequest(method, url, all, body);
  }

  /**
   * A genuine delivery to that URL whatever the scheme: a form where it signs forms, the body's
   * hash in the query where it wants it there, JSON else.
   */
  public SignedRequest genuine(String url) {
    String id = ids.get();
    boolean form =
        scheme.contents().stream().anyMatch(c -> c.template() != null && c.template().readsForm());
    byte[] body =
        (form ? "Body=hello&MessageSid=" + id : json(id)).getBytes(StandardCharsets.UTF_8);
    String type = form ? "application/x-www-form-urlencoded" : "application/json";
    String called = form ? url : withBodyHash(url, body);
    return id(id).sign("POST", called, List.of(new Header("Content-Type", type)), body);
  }

  // A time that stands in the body must be there; nested ones are for a body of the test's own.
  private String json(String id) {
    String object = "{\"id\":\"" + id + "\",\"type\":\"test.sent\"";
    TimeRule rule = scheme.variants().get(0).time();
    if (rule != null && rule.in().kind() == ValueSource.Kind.JSON) {
      String time = rule.unit().format(clock.instant());
      String written = rule.unit() == TimeRule.Unit.RFC3339 ? "\"" + time + "\"" : time;
      object += ",\"" + rule.in().name().substring(1) + "\":" + written;
    }
    return object + "}";
  }

  private String withBodyHash(String url, byte[] body) {
    Stream<Requirement> all = scheme.contents().stream().flatMap(c -> c.requirements().stream());
    return all.filter(Requirement.BodyHash.class::isInstance)
        .map(Requirement.BodyHash.class::cast)
        .findFirst()
        .map(hash -> url + (url.contains("?") ? "&" : "?") + hash.query() + "=" + sha256(body))
        .orElse(url);
  }

  private static String sha256(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  Scheme scheme() {
    return scheme;
  }

  Instant now() {
    return clock.instant();
  }
}
