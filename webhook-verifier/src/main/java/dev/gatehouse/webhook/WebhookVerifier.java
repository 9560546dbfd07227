package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request was made by the holder of a key, within the replay window: a {@link
 * VerifiedWebhook} leaves it only if so.
 *
 * <pre>{@code
 * WebhookVerifier github = WebhookVerifier.builder(Schemes.named("github"))
 *     .secrets(SecretSource.env("GITHUB_WEBHOOK_SECRET"))
 *     .build();
 * Verification outcome = github.verify(request);
 * }</pre>
 *
 * <h2>Security guarantees</h2>
 *
 * <ul>
 *   <li>Signatures are compared as decoded bytes, in constant time; a request chooses the algorithm
 *       only among those that the scheme accepts, and never the key.
 *   <li>Nothing of the body is parsed before a signature over it was found right, except where the
 *       provider signs the parsed form of it (Twilio's form fields).
 *   <li>A signed time is bounded on both sides; a time that is not signed is not believed.
 *   <li>It never throws for what a request holds.
 * </ul>
 *
 * <p>It is immutable but for {@link #reload}, and safe for any number of threads.
 */
public final class WebhookVerifier {
  private static final long END_OF_TIME = Long.MAX_VALUE / 4;
  private static final Duration MAX_WINDOW = Duration.ofDays(30);

  private final Scheme scheme;
  private final SoughtHeaders sought;
  private final String source;
  private final KeyRing<VerifyingKey> ring;
  private final Map<String, String> params;
  private final @Nullable TenantId tenant;
  private final @Nullable String tenantPointer;
  private final @Nullable Duration window;
  private final InstantSource clock;
  private final List<String> pointers;
  private final boolean readsBody;
  private final boolean readsId;
  private final @Nullable MessagePolicy messages;

  private WebhookVerifier(Builder builder, SecretSource secrets) {
    this.scheme = builder.scheme;
    this.sought = SoughtHeaders.of(scheme);
    this.source = builder.source;
    this.params = Map.copyOf(builder.params);
    this.tenant = builder.tenant;
    this.tenantPointer = builder.tenantPointer;
    this.window = builder.effectiveWindow();
    this.clock = builder.clock;
    this.messages = MessagePolicy.of(scheme, params, window);
    this.ring =
        KeyRing.load(
            secrets, messages == null ? VerifyingKey.decoderFor(scheme) : messages.decoder());
    this.pointers = List.copyOf(pointers());
    this.readsBody = !pointers.isEmpty();
    this.readsId =
        scheme.variants().stream()
            .flatMap(v -> v.ids().stream())
            .anyMatch(id -> id.kind() == ValueSource.Kind.JSON);
  }

  /** Begins a verifier for a scheme. */
  public static Builder builder(Scheme scheme) {
    return new Builder(scheme);
  }

  /** Verifies a request whose body is at hand. */
  public Verification verify(WebhookRequest request) {
    RequestHead head = head(request.method(), request.url(), request.headers());
    MessageCheck message = messageCheck(head, keys());
    if (message != null) {
      return message.finish(request);
    }
    Verification early = judge(head);
    return early == null ? new SignatureMatch(this, keys(), head, null).decide(request) : early;
  }

  /**
   * Begins the verification of a request whose body is still to come.
   *
   * @param method the method, upper case
   * @param url the absolute URL that the sender called; may be empty if the scheme does not sign it
   * @param headers the headers
   */
  public VerificationStream begin(String method, String url, Headers headers) {
    return new VerificationStream(this, head(method, url, headers));
  }

  private RequestHead head(String method, String url, Headers headers) {
    return RequestHead.of(scheme, method, url, headers, sought, window, nowMillis());
  }

  private long nowMillis() {
    try {
      return clock.millis();
    } catch (ArithmeticException atTheEndOfTime) {
      // No sender is near it, so every signed time is outside the window, and nothing overflows.
      return clock.instant().isBefore(Instant.EPOCH) ? -END_OF_TIME : END_OF_TIME;
    }
  }

  /** The check of a message signature; null for schemes with other signatures. */
  @Nullable MessageCheck messageCheck(RequestHead head, List<KeyRing.Entry<VerifyingKey>> keys) {
    return messages == null ? null : MessageCheck.begin(this, messages, keys, head);
  }

  @Nullable Verification unsignedHandshake(RequestHead head) {
    return Handshakes.unsigned(scheme, head, params);
  }

  /** What the head alone decides, or null. */
  @Nullable Verification judge(RequestHead head) {
    if (!scheme.handshakes().isEmpty()) {
      Verification handshake = unsignedHandshake(head);
      if (handshake != null) {
        return handshake;
      }
    }
    RejectReason flaw = head.read(params);
    return flaw == null ? null : Verification.rejected(flaw);
  }

  /**
   * Reads the secrets again. Requests that are under way are judged by the keys they began with.
   *
   * @throws IllegalArgumentException if one is refused; the keys stay as they were
   */
  public void reload() {
    ring.reload();
  }

  /** The name of the source, for audits and claims. */
  public String source() {
    return source;
  }

  /** The scheme. */
  public Scheme scheme() {
    return scheme;
  }

  /** The fixed tenant, if there is one. */
  public Optional<TenantId> tenant() {
    return Optional.ofNullable(tenant);
  }

  /** How far a signed time may be from now; empty if none is signed, or the check was skipped. */
  public Optional<Duration> replayWindow() {
    return Optional.ofNullable(window);
  }

  /** The methods to accept: those of deliveries and those of the scheme's handshakes. */
  public Set<String> methods() {
    Set<String> methods = new LinkedHashSet<>(scheme.methods());
    scheme.handshakes().stream().map(Handshake::method).forEach(methods::add);
    return methods;
  }

  /**
   * How long a completed delivery has to be remembered at least: the replay window on both sides,
   * and as long as the provider goes on retrying.
   */
  public Duration minimumRetention() {
    Duration both = window == null ? Duration.ZERO : window.multipliedBy(2);
    Duration retries = scheme.delivery().retrySpan();
    return both.compareTo(retries) > 0 ? both : retries;
  }

  /** What is known of the keys: their ids and windows, never the keys. */
  public List<KeyStatus> keyStatus() {
    return ring.entries().stream()
        .map(e -> new KeyStatus(e.id(), e.notBefore(), e.notAfter(), e.isValidAt(clock.instant())))
        .toList();
  }

  /**
   * A key's state.
   *
   * @param id its id
   * @param notBefore from when it is valid, or null
   * @param notAfter until when it is valid, or null
   * @param valid whether it is valid now
   */
  public record KeyStatus(
      String id, @Nullable Instant notBefore, @Nullable Instant notAfter, boolean valid) {}

  List<KeyRing.Entry<VerifyingKey>> keys() {
    return ring.entries();
  }

  Map<String, String> params() {
    return params;
  }

  // What has to be read from the body before a request can be accepted: the signed id, the tenant,
  // and what tells a handshake. The event's type is read when it is asked for.
  private Set<String> pointers() {
    Set<String> all = new LinkedHashSet<>(Handshakes.pointers(scheme));
    for (Scheme.Variant variant : scheme.variants()) {
      for (ValueSource id : variant.ids()) {
        if (id.kind() == ValueSource.Kind.JSON) {
          all.add(id.name());
        }
      }
    }
    if (tenantPointer != null) {
      all.add(tenantPointer);
    }
    return all;
  }

  /** The last step: what the verified body says. */
  Verification accept(
      WebhookRequest request,
      MatchedSignature matched,
      RequestHead head,
      VerifyingKey key,
      int acceptance) {
    Map<String, String> json = Map.of();
    if (readsBody) {
      Optional<Map<String, String>> read = JsonScalars.read(request.bodyBytes(), pointers);
      if (read.isEmpty() && mustBeJson(request)) {
        return Verification.rejected(RejectReason.MALFORMED_BODY);
      }
      json = read.orElse(Map.of());
      Verification handshake = Handshakes.signed(scheme, head, params, json, key, acceptance);
      if (handshake != null) {
        return handshake;
      }
    }
    TenantId of = tenant;
    if (tenantPointer != null) {
      String name = json.getOrDefault(tenantPointer, "");
      if (!TenantId.isValid(name)) {
        return Verification.rejected(RejectReason.MALFORMED_BODY);
      }
      of = TenantId.of(name);
    }
    return new Verification.Verified(
        new VerifiedWebhook(
            this,
            request,
            matched,
            head.nowMillis(),
            deliveryId(matched, head, request, json),
            of));
  }

  private boolean mustBeJson(WebhookRequest request) {
    if (scheme.body() == Scheme.BodyKind.JSON || tenantPointer != null) {
      return true;
    }
    String type = request.headers().first("content-type");
    return readsId && type != null && type.toLowerCase(Locale.ROOT).contains("json");
  }

  private @Nullable Attested deliveryId(
      MatchedSignature matched,
      RequestHead head,
      WebhookRequest request,
      Map<String, String> json) {
    if (matched.message() != null) {
      return messageId(matched.message(), matched.variant(), request, json);
    }
    ContentTemplate template = matched.content().template();
    String inHeader = head.id();
    if (inHeader != null && template != null && template.signsId()) {
      return new Attested(inHeader, true);
    }
    // A signed id in the body goes before a header that anybody may add, or a replay with such a
    // header would be another delivery.
    boolean bodySigned = coversBody(matched.content());
    if (inHeader != null && !bodySigned) {
      return new Attested(inHeader, false);
    }
    for (ValueSource id : matched.variant().ids()) {
      String value =
          switch (id.kind()) {
            case JSON -> json.get(id.name());
            case FORM -> formField(request, id.name());
            default -> null;
          };
      if (value != null && !value.isBlank()) {
        return new Attested(value, bodySigned);
      }
    }
    return inHeader == null ? null : new Attested(inHeader, false);
  }

  private static @Nullable Attested messageId(
      MessageVerdict.Accepted message,
      Scheme.Variant variant,
      WebhookRequest request,
      Map<String, String> json) {
    for (ValueSource id : variant.ids()) {
      String value =
          switch (id.kind()) {
            case ELEMENT -> message.input().text(id.name()).orElse(null);
            case HEADER ->
                request.headers().isAmbiguous(id.name())
                    ? null
                    : request.headers().first(id.name());
            case JSON -> json.get(id.name());
            case FORM -> formField(request, id.name());
            default -> null;
          };
      if (value != null && !value.isBlank()) {
        boolean signed =
            switch (id.kind()) {
              case ELEMENT -> true;
              case HEADER -> message.coversField(id.name());
              default -> message.coversBody();
            };
        return new Attested(value, signed);
      }
    }
    return null;
  }

  // The content type is not signed, so it must not decide: a captured form that comes again as
  // text/plain is still the same delivery.
  private static @Nullable String formField(WebhookRequest request, String name) {
    if (JsonScalars.read(request.bodyBytes(), List.of()).isPresent()) {
      return null;
    }
    return FormPairs.read(request.bodyBytes())
        .filter(form -> !form.isAmbiguous(name))
        .flatMap(form -> form.first(name))
        .orElse(null);
  }

  private static boolean coversBody(Scheme.Content content) {
    // The reader of schemes refuses a content that leaves the body unsigned.
    return content.template() != null;
  }

  Optional<Attested> eventTypeOf(WebhookRequest request) {
    boolean signed = scheme.protectsIntegrity();
    for (ValueSource type : scheme.types()) {
      Optional<String> value =
          switch (type.kind()) {
            case HEADER ->
                request.headers().isAmbiguous(type.name())
                    ? Optional.empty()
                    : Optional.ofNullable(request.headers().first(type.name()));
            case JSON ->
                JsonScalars.read(request.bodyBytes(), List.of(type.name()))
                    .map(found -> found.get(type.name()));
            case FORM -> Optional.ofNullable(formField(request, type.name()));
            default -> Optional.empty();
          };
      if (value.isPresent()) {
        return Optional.of(new Attested(value.get(), signed && type.isInBody()));
      }
    }
    return Optional.empty();
  }

  /**
   * Signed ids identify a delivery. An unsigned one decides nothing, since an attacker would pick
   * it: there the digest of what is signed does, its time left out because a retry is signed anew.
   * Where equal bodies are legitimate the unsigned id is joined to that digest: alone, it would let
   * an attacker claim the id of a delivery that is still to come.
   */
  ClaimKey claimKeyOf(VerifiedWebhook webhook) {
    String of = webhook.tenant().map(TenantId::value).orElse("");
    Optional<Attested> id =
        webhook
            .deliveryId()
            .filter(i -> i.signed() || scheme.equalBodies() || scheme.tokenVouchesForId());
    byte[] value = id.map(i -> i.value().getBytes(StandardCharsets.UTF_8)).orElse(new byte[0]);
    if (id.isPresent() && (id.get().signed() || scheme.tokenVouchesForId())) {
      return ClaimKey.of(of, source, tagged((byte) 'i', value, new byte[0]));
    }
    byte[] digest = fingerprintOf(webhook).toBytes();
    return ClaimKey.of(of, source, tagged(id.isPresent() ? (byte) 'u' : (byte) 'f', digest, value));
  }

  // The digest has one length, so nothing can move between it and the id.
  private static byte[] tagged(byte tag, byte[] first, byte[] second) {
    return ByteBuffer.allocate(1 + first.length + second.length)
        .put(tag)
        .put(first)
        .put(second)
        .array();
  }

  Fingerprint fingerprintOf(VerifiedWebhook webhook) {
    MessageDigest digest = Fingerprint.sha256();
    byte[] body = webhook.bodyBytes();
    MatchedSignature matched = webhook.matched();
    MessageVerdict.Accepted message = matched.message();
    if (message != null) {
      // A body that is not signed must not make a captured request a new one. Then one signature
      // counts once, the time of signing included, or different deliveries would be one.
      boolean bodySigned = message.coversBody();
      String signed = bodySigned ? message.base().identity() : message.base().text();
      digest.update(signed.getBytes(StandardCharsets.US_ASCII));
      return Fingerprint.of(bodySigned ? digest.digest(Fingerprint.sha256(body)) : digest.digest());
    }
    ContentTemplate template = matched.content().template();
    if (template == null) {
      return Fingerprint.of(digest.digest(body));
    }
    // The parts are joined as they are signed, not framed: where a provider puts nothing between
    // them (HubSpot, Twilio), one signature fits the same bytes cut elsewhere, and a captured
    // delivery that moved the body's first bytes into the query would be a new one.
    template.feedIdentity(matched.parts(), matched.urlForm(), body, digest::update);
    if (!template.signsBody()) {
      digest.update(Fingerprint.sha256(body));
    }
    return Fingerprint.of(digest.digest());
  }

  /** Collects what a verifier needs; {@link #build} checks all of it. */
  public static final class Builder {
    private final Scheme scheme;
    private String source;
    private @Nullable SecretSource secrets;
    private final Map<String, String> params = new TreeMap<>();
    private @Nullable TenantId tenant;
    private @Nullable String tenantPointer;
    private @Nullable Duration replayWindow;
    private boolean skipReplayCheck;
    private InstantSource clock = InstantSource.system();

    private Builder(Scheme scheme) {
      this.scheme = scheme;
      this.source = scheme.name();
    }

    /** The source's name in audits and claims; the scheme's name if not given. */
    public Builder source(String name) {
      this.source = name;
      return this;
    }

    /** Where the secrets, or the public keys, come from. Required. */
    public Builder secrets(SecretSource value) {
      this.secrets = value;
      return this;
    }

    /** A constant that the scheme asks for, such as Square's {@code notification_url}. */
    public Builder param(String name, String value) {
      params.put(name, value);
      return this;
    }

    /** The one tenant to which the source belongs. */
    public Builder tenant(TenantId value) {
      this.tenant = value;
      return this;
    }

    /**
     * Where the tenant stands in the verified JSON body; a body without a valid one is refused.
     *
     * @param pointer a JSON pointer (RFC 6901), such as {@code /organization/login}
     */
    public Builder tenantPointer(String pointer) {
      this.tenantPointer = pointer;
      return this;
    }

    /** How far a signed time may be from now, on both sides; the scheme's own if not given. */
    public Builder replayWindow(Duration value) {
      this.replayWindow = value;
      return this;
    }

    /** Accepts any signed time: a captured request passes for ever. For tests of old captures. */
    public Builder dangerouslySkipReplayCheck() {
      this.skipReplayCheck = true;
      return this;
    }

    /** The clock; the system's if not given. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    private @Nullable Duration effectiveWindow() {
      if (skipReplayCheck || !scheme.signsTime()) {
        return null;
      }
      return replayWindow != null ? replayWindow : scheme.window().orElseThrow();
    }

    /**
     * The verifier.
     *
     * @throws IllegalArgumentException if something required is missing, or a secret is refused;
     *     the message names it and the remedy, never a secret
     */
    public WebhookVerifier build() {
      if (secrets == null) {
        throw new IllegalArgumentException("secrets is missing: give at least one");
      }
      if (source.isBlank()) {
        throw new IllegalArgumentException("source is blank: give the source a name");
      }
      if (replayWindow != null && !scheme.signsTime()) {
        throw new IllegalArgumentException(
            "replayWindow: scheme " + scheme.name() + " signs no time; leave it out");
      }
      if (replayWindow != null && (replayWindow.isNegative() || replayWindow.isZero())) {
        throw new IllegalArgumentException("replayWindow must be positive");
      }
      if (replayWindow != null && replayWindow.compareTo(MAX_WINDOW) > 0) {
        throw new IllegalArgumentException(
            "replayWindow must be at most 30 days: a longer one keeps no replay out");
      }
      if (tenant != null && tenantPointer != null) {
        throw new IllegalArgumentException("tenant and tenantPointer exclude each other");
      }
      if (tenantPointer != null && !tenantPointer.startsWith("/")) {
        throw new IllegalArgumentException("tenantPointer must be a JSON pointer such as /tenant");
      }
      checkParams();
      return new WebhookVerifier(this, secrets);
    }

    private void checkParams() {
      for (String name : params.keySet()) {
        if (!scheme.params().containsKey(name)) {
          throw new IllegalArgumentException(
              "params."
                  + name
                  + " is not known to scheme "
                  + scheme.name()
                  + "; it takes "
                  + (scheme.params().isEmpty()
                      ? "none"
                      : String.join(", ", scheme.params().keySet())));
        }
      }
      scheme
          .params()
          .forEach(
              (name, param) -> {
                if (param.required() && params.getOrDefault(name, "").isBlank()) {
                  throw new IllegalArgumentException(
                      "params." + name + " is missing: " + param.description());
                }
              });
    }
  }
}
