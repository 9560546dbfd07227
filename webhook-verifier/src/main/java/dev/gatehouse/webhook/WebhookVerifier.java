package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeShape;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
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
 *       provider signs the parsed form of it (Twilio's form fields) or puts the signature into it
 *       (Mailgun, SNS): there only the fields needed are read, in one bounded pass that refuses
 *       duplicates.
 *   <li>A signed time is bounded on both sides; a time that is not signed is not believed.
 *   <li>It never throws for what a request holds.
 * </ul>
 *
 * <p>It is immutable but for {@link #reload}, and safe for any number of threads.
 */
public final class WebhookVerifier {
  private static final long END_OF_TIME = Long.MAX_VALUE / 4;
  private static final byte[] EMPTY_OBJECT = {'{', '}'};

  private final Scheme scheme;
  private final HeadRules heads;
  private final String source;
  private final @Nullable KeyRing<VerifyingKey> ring;
  private final @Nullable KeyLookup lookup;
  private final Map<String, String> params;
  private final @Nullable TenantId tenant;
  private final DeliveryIdentity identity;
  private final @Nullable Duration window;
  private final InstantSource clock;
  private final boolean whole;
  private final Set<String> unverifiedPointers;
  private final Handshakes handshakes;
  private final AttestedValues values;
  private final BodyRules bodies;
  private final @Nullable SubscriptionConfirmer confirmer;
  private final boolean hasSets;
  private final @Nullable MessagePolicy messages;
  private final @Nullable Shortcut shortcut;

  private WebhookVerifier(
      Builder builder, @Nullable SecretSource secrets, @Nullable KeySource keySource) {
    this.scheme = builder.scheme.with(builder.params);
    this.whole = scheme.needsWholeRequest();
    this.unverifiedPointers = whole ? SchemeShape.pointers(scheme) : Set.of();
    this.source = builder.source;
    this.params = Map.copyOf(scheme.completed(builder.params));
    this.tenant = builder.tenant;
    this.identity = new DeliveryIdentity(scheme, params, source, tenant);
    this.window =
        builder.skipReplayCheck ? null : ReplayWindow.of(builder.scheme, builder.replayWindow);
    this.heads = new HeadRules(scheme, window);
    this.clock = builder.clock;
    this.messages = MessagePolicy.of(scheme, params, window);
    this.ring =
        secrets == null
            ? null
            : KeyRing.load(
                secrets, messages == null ? VerifyingKey.decoderFor(scheme) : messages.decoder());
    this.lookup = KeyLookup.isNeeded(scheme, keySource) ? new KeyLookup(scheme, keySource) : null;
    this.confirmer = builder.confirmer;
    this.handshakes = new Handshakes(scheme, params, confirmer != null);
    this.values = new AttestedValues(scheme);
    this.bodies = new BodyRules(scheme, params, handshakes, values, tenant, builder.tenantPointer);
    this.hasSets = !scheme.grammar().sets().isEmpty();
    boolean judged = whole || messages != null || lookup != null || bodies.readAnything();
    this.shortcut = judged ? null : Shortcut.of(heads, params);
  }

  /** Begins a verifier for a scheme. */
  public static Builder builder(Scheme scheme) {
    return new Builder(scheme);
  }

  /**
   * Verifies a request whose body is at hand, by the keys that are at hand: under a key that would
   * have to be fetched, the verdict is {@link RejectReason#UNKNOWN_KEY}. Verifiers with a key
   * source are asked by {@link #decide(WebhookRequest)}.
   */
  public Verification verify(WebhookRequest request) {
    Verification usual = usual(request);
    if (usual != null) {
      return usual;
    }
    return hasSets ? SignatureSets.verify(this, request) : verify(request, request.headers());
  }

  /**
   * Verifies a request whose body is at hand, fetching the key that it names if need be; at once
   * where none has to be fetched.
   *
   * @return the verdict; fails if the key could not be fetched, so that nothing was decided
   */
  public Future<Verification> decide(WebhookRequest request) {
    Verification usual = usual(request);
    if (usual != null) {
      return Future.succeededFuture(usual);
    }
    if (hasSets) {
      return Future.succeededFuture(SignatureSets.verify(this, request));
    }
    RequestHead head = head(request, request.headers());
    MessageCheck message = messageCheck(head, keys());
    if (message != null) {
      return Future.succeededFuture(message.finish(request));
    }
    Verification early = judge(head);
    if (early != null) {
      return Future.succeededFuture(early);
    }
    return findKeys(keys(), head, request.bodyBytes())
        .map(found -> decide(head, found, null, request));
  }

  /**
   * Begins the verification of a request whose body is still to come.
   *
   * @param method the method, upper case
   * @param url the absolute URL that the sender called; may be empty if the scheme does not sign it
   * @param headers the headers
   */
  public VerificationStream begin(String method, String url, Headers headers) {
    return begin(WebhookRequest.of(method, url, headers, new byte[0]));
  }

  /** The same; the URL is looked at only where the scheme needs it. */
  VerificationStream begin(WebhookRequest request) {
    return new VerificationStream(this, request);
  }

  // --- the way of a request: the short one, else its head, the keys, the signature, the body

  /** Whether there is a short way at all. */
  boolean hasShortWay() {
    return shortcut != null;
  }

  @Nullable Verification usual(WebhookRequest request) {
    return shortcut == null ? null : usual(request, keys(), nowMillis());
  }

  /** What the short way says, which says nothing but yes; null where it leaves that to judging. */
  @Nullable Verification usual(
      WebhookRequest request, List<KeyRing.Entry<VerifyingKey>> keys, long now) {
    if (shortcut == null) {
      return null;
    }
    Shortcut.Usual match = shortcut.match(request, keys, now);
    return match == null
        ? null
        : new Verification.Verified(new VerifiedWebhook(this, request, match, now, tenant));
  }

  // --- the head

  /** Verifies it all the way, with these headers to read the signature from. */
  Verification verify(WebhookRequest request, Headers headers) {
    RequestHead head = head(request, headers);
    MessageCheck message = messageCheck(head, keys());
    if (message != null) {
      return message.finish(request);
    }
    Verification early = judge(head);
    return early == null
        ? decide(head, keysAtHand(keys(), head, request.bodyBytes()), null, request)
        : early;
  }

  /** Judges a head whose body is still to come. */
  VerificationStream.HeadVerdict judgeAlone(
      WebhookRequest request, List<KeyRing.Entry<VerifyingKey>> keys, long nowMillis) {
    RequestHead head = new RequestHead(heads, request, request.headers(), nowMillis);
    MessageCheck message = messageCheck(head, keys);
    if (message != null) {
      return new VerificationStream.HeadVerdict(head, message.early(), false, message);
    }
    Verification early = hasSets ? SignatureSets.judge(this, head) : judge(head);
    return new VerificationStream.HeadVerdict(head, early, hasSets, null);
  }

  private RequestHead head(WebhookRequest request, Headers headers) {
    return new RequestHead(heads, request, headers, nowMillis());
  }

  /** The time of a check, in milliseconds since the epoch. */
  long nowMillis() {
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

  /** What the head alone decides with other headers to read the signature from, or null. */
  @Nullable Verification judge(RequestHead head, Headers headers) {
    return judge(head(head.request(), headers));
  }

  /** What the head alone decides, or null. */
  @Nullable Verification judge(RequestHead head) {
    Verification handshake = unsignedHandshake(head);
    if (handshake != null) {
      return handshake;
    }
    RejectReason flaw = whole ? WholeRequest.early(head, scheme) : head.read(params);
    return flaw == null ? null : Verification.rejected(flaw);
  }

  @Nullable Verification unsignedHandshake(RequestHead head) {
    return handshakes.unsigned(head, keys());
  }

  // --- the keys

  /** Whether keys may have to be fetched, so that a verdict may take a while. */
  boolean mayFetch() {
    return lookup != null;
  }

  List<KeyRing.Entry<VerifyingKey>> keysAtHand(
      List<KeyRing.Entry<VerifyingKey>> configured, RequestHead head, byte[] body) {
    return lookup == null ? configured : lookup.atHand(head, body, configured);
  }

  Future<List<KeyRing.Entry<VerifyingKey>>> findKeys(
      List<KeyRing.Entry<VerifyingKey>> configured, RequestHead head, byte[] body) {
    return lookup == null
        ? Future.succeededFuture(configured)
        : lookup.find(head, body, configured);
  }

  /** A MAC to feed as the body comes; null where only the whole body tells what is signed. */
  @Nullable RunningMac beginMac(RequestHead head, List<KeyRing.Entry<VerifyingKey>> among) {
    return whole ? null : RunningMac.begin(head, among);
  }

  // --- the signature and the body

  /** Decides by these keys over a head without a flaw. */
  Verification decide(
      RequestHead head,
      List<KeyRing.Entry<VerifyingKey>> keys,
      @Nullable RunningMac running,
      WebhookRequest request) {
    if (lookup != null && keys.isEmpty()) {
      return whole
          ? new WholeRequest(this, keys, head, request).decideWithoutKey()
          : Verification.rejected(RejectReason.UNKNOWN_KEY);
    }
    Token token = head.token();
    JwtRule jwt = scheme.jwt();
    if (token != null && jwt != null) {
      return new TokenMatch(this, keys, head, token, jwt).decide(request);
    }
    return whole
        ? new WholeRequest(this, keys, head, request).decide()
        : new SignatureMatch(this, keys, head, running).decide(request);
  }

  /** The last step: what the verified body says. */
  Verification accept(
      WebhookRequest request,
      MatchedSignature matched,
      RequestHead head,
      KeyRing.Entry<VerifyingKey> key) {
    return bodies.accept(this, request, matched, head, key);
  }

  /** What a signer has to sign of a request that is judged over the whole of it. */
  WholeRequest.Signable signable(WebhookRequest request) {
    RequestHead head = head(request, request.headers());
    RejectReason flaw = WholeRequest.early(head, scheme);
    return flaw == null
        ? new WholeRequest(this, keys(), head, request).signable()
        : new WholeRequest.Signable(List.of(), flaw);
  }

  // --- what is known of the source

  /**
   * Reads the secrets again. Requests that are under way are judged by the keys they began with.
   *
   * @throws IllegalArgumentException if one is refused; the keys stay as they were
   */
  public void reload() {
    if (ring != null) {
      ring.reload();
    }
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
    methods.addAll(handshakes.ownMethods());
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
    return keys().stream()
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
    return ring == null ? List.of() : ring.entries();
  }

  Set<String> unverifiedPointers() {
    return unverifiedPointers;
  }

  Map<String, String> params() {
    return params;
  }

  /** What makes a delivery of this source itself. */
  DeliveryIdentity identity() {
    return identity;
  }

  /** Where its ids and event types are found. */
  AttestedValues values() {
    return values;
  }

  @Nullable SubscriptionConfirmer confirmer() {
    return confirmer;
  }

  /** Collects what a verifier needs; {@link #build} checks all of it. */
  public static final class Builder {
    private final Scheme scheme;
    private String source;
    private @Nullable SecretSource secrets;
    private @Nullable KeySource keySource;
    private final Map<String, String> params = new TreeMap<>();
    private @Nullable TenantId tenant;
    private @Nullable String tenantPointer;
    private @Nullable Duration replayWindow;
    private boolean skipReplayCheck;
    private InstantSource clock = InstantSource.system();
    private @Nullable SubscriptionConfirmer confirmer;

    private Builder(Scheme scheme) {
      this.scheme = scheme;
      this.source = scheme.name();
    }

    /** The source's name in audits and claims; the scheme's name if not given. */
    public Builder source(String name) {
      this.source = name;
      return this;
    }

    /**
     * Where the secrets, or the public keys, come from. Required, unless there is a {@link
     * #keySource} or the constant {@code jwks}.
     */
    public Builder secrets(SecretSource value) {
      this.secrets = value;
      return this;
    }

    /**
     * Where public keys come from that the sender publishes, beside those that are configured. Ask
     * the verifier by {@link WebhookVerifier#decide(WebhookRequest)} or {@link
     * VerificationStream#end} then, or through a {@link WebhookHandler}.
     */
    public Builder keySource(KeySource value) {
      this.keySource = value;
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

    /**
     * Answers the handshakes that are confirmed by calling a URL out of the signed request (SNS,
     * Event Grid), and has a {@link WebhookHandler} call it: whoever can have the provider sign for
     * him makes this server send a request, to the provider's hosts. Without it such requests are
     * deliveries like all others, and calling is left to you.
     */
    public Builder dangerouslyConfirmSubscriptions(SubscriptionConfirmer value) {
      this.confirmer = value;
      return this;
    }

    /** The clock; the system's if not given. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /**
     * The verifier.
     *
     * @throws IllegalArgumentException if something required is missing, or a secret is refused;
     *     the message names it and the remedy, never a secret
     */
    public WebhookVerifier build() {
      if (keySource != null && !scheme.hasPublicKeys()) {
        throw new IllegalArgumentException(
            "keySource: scheme " + scheme.name() + " has no public keys; give its secrets");
      }
      if (source.isBlank()) {
        throw new IllegalArgumentException("source is blank: give the source a name");
      }
      if (replayWindow != null) {
        ReplayWindow.check(scheme, replayWindow);
      }
      if (tenant != null && tenantPointer != null) {
        throw new IllegalArgumentException("tenant and tenantPointer exclude each other");
      }
      if (tenantPointer != null && !tenantPointer.startsWith("/")) {
        throw new IllegalArgumentException("tenantPointer must be a JSON pointer such as /tenant");
      }
      ParamChecks.check(scheme, params);
      checkConfirmations();
      KeySource published = ConfiguredKeys.orElse(keySource, scheme, params);
      boolean none = secrets == null || (published != null && secrets.load().isEmpty());
      if (none && published == null) {
        throw new IllegalArgumentException("secrets is missing: give at least one");
      }
      WebhookVerifier verifier = new WebhookVerifier(this, none ? null : secrets, published);
      // Loads the classes for which the first request would wait, the JSON parser above all.
      verifier.verify(WebhookRequest.of("POST", "", Headers.of(), EMPTY_OBJECT));
      return verifier;
    }

    private void checkConfirmations() {
      if (confirmer == null) {
        return;
      }
      scheme
          .confirmationFlaw(params)
          .ifPresent(
              flaw -> {
                throw new IllegalArgumentException("confirmSubscriptions: " + flaw);
              });
    }
  }
}
