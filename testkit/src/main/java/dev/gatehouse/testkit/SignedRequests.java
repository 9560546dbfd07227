package dev.gatehouse.testkit;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.RequestSigner;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

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
 * has public-key signatures, the secret is a private key, and the receiver has its public half.
 * Where the signature stands in the body, the form or the query, it is put there.
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
   * <p>Where the signature stands in the body, the form or the query, the request that comes back
   * has it there, with the time of the clock; see {@link RequestSigner}.
   *
   * @param method the method, upper case
   * @param url the absolute URL that is called, and signed where the scheme says so
   * @param headers headers beside those of the signature; they win over ones of the same name,
   *     unless the signature depends on the whole request
   * @param body the raw body
   * @throws IllegalArgumentException if the scheme's sender could not send it; the message says why
   */
  public SignedRequest sign(String method, String url, List<Header> headers, byte[] body) {
    return sign(
        signer(), new Outgoing(method, url, Headers.of(headers), body, ids.get(), clock.instant()));
  }

  /**
   * A genuine delivery to that URL whatever the scheme: a form where it signs forms, the body's
   * hash in the query where it wants it there, JSON with the fields that it signs else.
   */
  public SignedRequest genuine(String url) {
    RequestSigner signer = signer();
    return sign(signer, signer.example(url, ids.get(), clock.instant()));
  }

  private RequestSigner signer() {
    return RequestSigner.create(scheme, List.of(Secret.of("testkit", secret)), params);
  }

  private static SignedRequest sign(RequestSigner signer, Outgoing outgoing) {
    WebhookRequest signed = signer.sign(outgoing);
    return new SignedRequest(
        signed.method(), signed.url(), signed.headers().all(), signed.body().getBytes());
  }

  Scheme scheme() {
    return scheme;
  }

  Instant now() {
    return clock.instant();
  }
}
