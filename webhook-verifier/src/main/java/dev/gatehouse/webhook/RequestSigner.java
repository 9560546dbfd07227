package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes whole signed requests of any scheme, for tests: where the signature stands in the body, the
 * form or the query, or depends on the whole request, it is put there and what comes out has been
 * verified.
 *
 * <p>Of the schemes that {@link WebhookSigner} signs, the request is yours with its headers beside
 * your own; yours win. Of all others the time and the signature in your request are replaced, the
 * id and what else the signature needs (the algorithm's name, the list of headers, the
 * certificate's URL) are added where they are missing, and a JSON body that has to hold any of them
 * is written anew. Such a scheme signs with the first algorithm of the key's kind that is not weak.
 */
public final class RequestSigner {
  private final Scheme scheme;
  private final @Nullable WebhookSigner headers;
  private final @Nullable WholeSigning whole;

  private RequestSigner(
      Scheme scheme, @Nullable WebhookSigner headers, @Nullable WholeSigning whole) {
    this.scheme = scheme;
    this.headers = headers;
    this.whole = whole;
  }

  /**
   * A signer.
   *
   * @param scheme the scheme
   * @param secrets the secrets, or the private keys where the scheme has public ones; at least one
   * @param params the constants that the scheme asks for
   * @throws IllegalArgumentException if a secret or a constant is refused
   */
  public static RequestSigner create(
      Scheme scheme, List<Secret> secrets, Map<String, String> params) {
    return scheme.needsWholeRequest()
        ? new RequestSigner(scheme, null, WholeSigning.create(scheme, secrets, params))
        : new RequestSigner(scheme, WebhookSigner.create(scheme, secrets, params), null);
  }

  /**
   * The whole signed request.
   *
   * @throws IllegalArgumentException if the scheme's sender could not send it so; the message says
   *     why
   */
  public WebhookRequest sign(Outgoing request) {
    if (whole != null) {
      return whole.sign(request);
    }
    List<Header> all = new ArrayList<>(request.headers().all());
    if (headers != null) {
      headers.sign(request).stream()
          .filter(header -> request.headers().first(header.name()) == null)
          .forEach(all::add);
    }
    return WebhookRequest.of(request.method(), request.url(), Headers.of(all), request.body());
  }

  /**
   * A small request that the scheme's sender could send, still to be signed: a form where it signs
   * forms, JSON with the fields that it signs else.
   *
   * @param url the absolute URL to call
   * @param id the delivery's id, which also stands wherever the signature needs a text
   * @param time the time to sign
   */
  public Outgoing example(String url, String id, Instant time) {
    return ExampleRequest.of(scheme, url, id, time);
  }
}
