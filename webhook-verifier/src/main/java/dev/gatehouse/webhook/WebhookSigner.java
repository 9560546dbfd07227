package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeKey;
import dev.gatehouse.webhook.scheme.SignedParts;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests as a scheme's sender does: what it signs, a {@link WebhookVerifier} of the same
 * scheme and keys accepts.
 *
 * <p>With several secrets, schemes whose header takes a list carry one signature for each, as
 * senders do while a secret is being rotated; others are signed by the first.
 *
 * <p>It makes headers, so schemes that are judged over the whole request are not for it: {@link
 * RequestSigner} signs those too.
 */
public final class WebhookSigner {
  /**
   * A request that is about to be sent.
   *
   * @param method the method, upper case
   * @param url the URL to which it goes
   * @param headers headers that it has already
   * @param body the raw body
   * @param id the delivery's id
   * @param time the time to sign
   */
  public record Outgoing(
      String method, String url, Headers headers, byte[] body, String id, Instant time) {}

  private final Scheme scheme;
  private final List<SigningKey> keys;
  private final Map<String, String> params;
  private final @Nullable MessageSending messages;

  private WebhookSigner(
      Scheme scheme,
      List<SigningKey> keys,
      Map<String, String> params,
      @Nullable MessageSending messages) {
    this.scheme = scheme;
    this.keys = keys;
    this.params = params;
    this.messages = messages;
  }

  /**
   * A signer.
   *
   * @param scheme the scheme
   * @param secrets the secrets, or the private keys where the scheme has public ones; at least one
   * @param params the constants that the scheme asks for
   * @throws IllegalArgumentException if a secret or a constant is refused, or headers alone cannot
   *     carry what the scheme signs
   */
  public static WebhookSigner create(
      Scheme scheme, List<Secret> secrets, Map<String, String> params) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("no secret: give at least one to sign with");
    }
    if (scheme.needsWholeRequest()) {
      throw new IllegalArgumentException(
          "scheme "
              + scheme.name()
              + " cannot be signed by headers alone: its signature depends on the whole request, or"
              + " stands outside the headers. RequestSigner makes the whole request; in tests,"
              + " SignedRequests of gatehouse-testkit does");
    }
    return createFor(scheme.with(params), secrets, params);
  }

  private static WebhookSigner createFor(
      Scheme scheme, List<Secret> secrets, Map<String, String> params) {
    for (Scheme.Content content : scheme.contents()) {
      ContentTemplate template = content.template();
      for (String name : template == null ? List.<String>of() : template.params()) {
        if (params.getOrDefault(name, "").isBlank()) {
          throw new IllegalArgumentException("params." + name + " is missing: it is signed");
        }
      }
    }
    if (scheme.jwt() != null) {
      requireParams(scheme, params);
    }
    if (scheme.message() != null) {
      MessageSending messages = MessageSending.create(scheme, scheme.message(), secrets, params);
      return new WebhookSigner(scheme, List.of(), Map.copyOf(params), messages);
    }
    List<SigningKey> keys = secrets.stream().map(secret -> keyFor(scheme, secret)).toList();
    return new WebhookSigner(scheme, keys, Map.copyOf(params), null);
  }

  private static void requireParams(Scheme scheme, Map<String, String> params) {
    scheme
        .params()
        .forEach(
            (name, param) -> {
              if (param.required() && params.getOrDefault(name, "").isBlank()) {
                throw new IllegalArgumentException("params." + name + " is missing: it is signed");
              }
            });
  }

  private static SigningKey keyFor(Scheme scheme, Secret secret) {
    String text = secret.revealText();
    if (scheme.jwt() != null) {
      Acceptance acceptance = TokenSigner.acceptanceFor(scheme, text);
      return new SigningKey(
          secret.id(), acceptance, SchemeKey.forSigning(scheme, acceptance, secret));
    }
    for (Acceptance acceptance : scheme.accepts()) {
      if (acceptance.key().claimsForSigning(text)) {
        return new SigningKey(
            secret.id(), acceptance, SchemeKey.forSigning(scheme, acceptance, secret));
      }
    }
    for (Acceptance acceptance : scheme.accepts()) {
      boolean publicKey = acceptance.algorithm().isPublicKey();
      if (publicKey ? acceptance.key().signingPrefix().isEmpty() : fits(acceptance, text)) {
        return new SigningKey(
            secret.id(), acceptance, SchemeKey.forSigning(scheme, acceptance, secret));
      }
    }
    String prefixes =
        scheme.accepts().stream()
            .map(a -> a.algorithm().isPublicKey() ? a.key().signingPrefix() : a.key().prefix())
            .filter(prefix -> !prefix.isEmpty())
            .collect(Collectors.joining(" or "));
    throw new IllegalArgumentException(
        "secret '"
            + secret.id()
            + "' cannot sign for scheme "
            + scheme.name()
            + ": give one that begins with "
            + prefixes);
  }

  private static boolean fits(Acceptance acceptance, String text) {
    return acceptance.key().claims(text) || !acceptance.key().prefixRequired();
  }

  /**
   * The headers to send, in the scheme's usual order.
   *
   * @throws IllegalArgumentException if the request cannot be signed so; the message says why
   */
  public List<Header> sign(Outgoing request) {
    if (messages != null) {
      return messages.sign(request);
    }
    Scheme.Variant variant = scheme.variants().get(0);
    JwtRule jwt = scheme.jwt();
    if (jwt != null) {
      SigningKey key = keys.get(0);
      String token =
          new TokenSigner(scheme, jwt, params).sign(key.id(), key.acceptance(), key.key(), request);
      return List.of(new Header(variant.places().get(0).header(), token));
    }
    Scheme.Content content = contentFor(request);
    TimeRule timeRule = variant.time();
    String time = timeRule == null ? null : timeRule.unit().format(request.time());
    Map<String, String> headers = new LinkedHashMap<>();
    for (ValueSource id : variant.ids().stream().limit(1).toList()) {
      if (id.kind() == ValueSource.Kind.HEADER) {
        headers.put(id.name(), request.id());
      }
    }
    if (timeRule != null && time != null && timeRule.in().kind() == ValueSource.Kind.HEADER) {
      headers.put(timeRule.in().name(), time);
    }
    scheme.requirements().forEach(r -> headers.put(r.header(), r.value()));
    SignedParts parts = parts(request, content, headers, time);
    signatures(variant, timeRule, time, content, parts, request.body(), headers);
    return headers.entrySet().stream().map(e -> new Header(e.getKey(), e.getValue())).toList();
  }

  private Scheme.Content contentFor(Outgoing request) {
    for (Scheme.Content content : scheme.contents()) {
      if (content.whenQuery().isEmpty()
          || FormPairs.ofQuery(request.url())
              .flatMap(q -> q.first(content.whenQuery()))
              .isPresent()) {
        check(content, request);
        return content;
      }
    }
    throw new IllegalArgumentException(
        "url: scheme "
            + scheme.name()
            + " wants the query parameter "
            + scheme.contents().get(0).whenQuery()
            + "; for this body append "
            + scheme.contents().get(0).whenQuery()
            + "="
            + HexFormat.of().formatHex(Fingerprint.sha256(request.body())));
  }

  private void check(Scheme.Content content, Outgoing request) {
    for (Requirement requirement : content.requirements()) {
      if (requirement instanceof Requirement.BodyHash hash) {
        byte[] bodyHash = Fingerprint.sha256(request.body());
        boolean right = hash.isMetBy(request.url(), bodyHash);
        if (!right) {
          throw new IllegalArgumentException(
              "url: must end with the query parameter "
                  + hash.query()
                  + "="
                  + HexFormat.of().formatHex(bodyHash));
        }
      }
      String type = String.valueOf(request.headers().first("content-type"));
      boolean form = type.toLowerCase(java.util.Locale.ROOT).contains("x-www-form-urlencoded");
      if (requirement instanceof Requirement.FormBody && request.body().length > 0 && !form) {
        throw new IllegalArgumentException(
            "headers: scheme "
                + scheme.name()
                + " signs forms; send Content-Type: application/x-www-form-urlencoded, or for"
                + " another body append bodySHA256="
                + HexFormat.of().formatHex(Fingerprint.sha256(request.body()))
                + " to the URL's query");
      }
    }
  }

  private SignedParts parts(
      Outgoing request, Scheme.Content content, Map<String, String> made, @Nullable String time) {
    ContentTemplate template = content.template();
    Map<String, String> named = new HashMap<>();
    for (String name : template == null ? List.<String>of() : template.headers()) {
      String value = made.getOrDefault(name, String.valueOf(request.headers().first(name)));
      named.put(name, value);
    }
    byte[] form = null;
    if (template != null && template.readsForm()) {
      form =
          FormPairs.read(request.body())
              .orElseThrow(() -> new IllegalArgumentException("body: is not a readable form"))
              .sortedAndJoined();
    }
    return new SignedParts(
        request.method(), List.of(request.url()), time, request.id(), named, params, form);
  }

  private void signatures(
      Scheme.Variant variant,
      @Nullable TimeRule timeRule,
      @Nullable String time,
      Scheme.Content content,
      SignedParts parts,
      byte[] body,
      Map<String, String> headers) {
    Grammar grammar = scheme.grammar();
    List<Scheme.Place> places = variant.places();
    if (grammar.kind() == Grammar.Kind.BARE) {
      for (int i = 0; i < Math.min(places.size(), keys.size()); i++) {
        SigningKey key = keys.get(i);
        headers.put(places.get(i).header(), key.text(signed(content, parts, body), ""));
      }
      return;
    }
    List<String> entries = new ArrayList<>();
    if (timeRule != null && time != null && timeRule.in().kind() == ValueSource.Kind.ELEMENT) {
      entries.add(timeRule.in().name() + grammar.assign() + time);
    }
    for (SigningKey key : keys) {
      entries.add(key.text(signed(content, parts, body), grammar.assign()));
    }
    headers.put(places.get(0).header(), String.join(grammar.separator(), entries));
  }

  private static byte[] signed(Scheme.Content content, SignedParts parts, byte[] body) {
    VerifyingKey.Joined joined = new VerifyingKey.Joined();
    ContentTemplate template = content.template();
    if (template != null) {
      template.feedAll(parts, 0, body, joined);
    }
    return joined.toByteArray();
  }
}
