package dev.gatehouse.webhook.scheme;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of how one provider signs its webhooks: a value, read from YAML.
 *
 * @param name the stable name, such as {@code github}
 * @param title the provider's own name for it
 * @param aliases other names under which it is found
 * @param confidence how sure the facts are
 * @param methods the methods with which deliveries come
 * @param body what the body is, for the parts that have to read it
 * @param grammar how the signature header is taken apart
 * @param accepts the kinds of signatures accepted
 * @param message what is demanded of an HTTP message signature, which takes the place of {@code
 *     accepts} and {@code contents}; null for all other grammars
 * @param variants the sets of headers, tried in order and never mixed
 * @param contents what is signed; the first whose condition holds
 * @param requirements header checks that hold for all contents
 * @param urlForms the forms of the URL to try, in order
 * @param types where the event's type may stand, first found
 * @param params the configured constants
 * @param jwt what the token has to hold; null if the signature is none
 * @param keys where the public keys are published; null if they are only configured
 * @param handshakes the provider's handshakes
 * @param owner where the signed body says whose delivery it is, where the provider's key signs for
 *     all its customers; compared if its constant is configured. Null if the key is the customer's
 * @param equalBodies whether two deliveries with equal bodies are legitimate, so that the unsigned
 *     id has to tell them apart; without an id each one counts as a delivery of its own
 * @param retryBodiesDiffer whether the body of a retry is another one (it counts its attempts), so
 *     that the signed id alone tells whether it is the same delivery
 * @param tokenVouchesForId for token schemes, whether the id is the same over retries and different
 *     for every delivery, so that it may identify one
 * @param attempt where the body says what each attempt writes anew, such as its count, which is
 *     left out of what tells one content from another; null if it does not
 * @param delivery the provider's rules of delivery
 * @param reading what can be judged only over the whole request
 * @param notes facts worth knowing, in sentences
 * @param uncertain what is not known for sure
 * @param sources where the facts come from
 * @param vectors requests with their verdicts
 */
public record Scheme(
    String name,
    String title,
    List<String> aliases,
    Confidence confidence,
    Set<String> methods,
    BodyKind body,
    Grammar grammar,
    List<Acceptance> accepts,
    @Nullable MessageRule message,
    List<Variant> variants,
    List<Content> contents,
    List<Requirement.HeaderEquals> requirements,
    List<UrlForm> urlForms,
    List<ValueSource> types,
    Map<String, Parameter> params,
    @Nullable JwtRule jwt,
    @Nullable KeyLocation keys,
    List<Handshake> handshakes,
    Handshake.@Nullable Compare owner,
    boolean equalBodies,
    boolean retryBodiesDiffer,
    boolean tokenVouchesForId,
    @Nullable ValueSource attempt,
    Delivery delivery,
    Reading reading,
    List<String> notes,
    List<String> uncertain,
    List<String> sources,
    List<Vector> vectors) {

  /** How sure the facts of a scheme are. */
  public enum Confidence {
    /** From the provider's own documents or code, with a vector. */
    HIGH,
    /** From good sources, with something left open. */
    MEDIUM,
    /** Not sure: use it only after a test of your own. */
    LOW
  }

  /** What the body is. */
  public enum BodyKind {
    /** JSON; a body that is not is refused where it has to be read. */
    JSON,
    /** What its content type says; a body of another type is not read. */
    ANY
  }

  /**
   * One set of headers.
   *
   * @param places where signatures may stand; any may match
   * @param time the signed time; null if there is none
   * @param ids where the delivery's id may stand, first found; empty if nowhere
   */
  public record Variant(List<Place> places, @Nullable TimeRule time, List<ValueSource> ids) {}

  /**
   * A place where a signature may stand.
   *
   * @param in the header, the query parameter, the form field, the parameter or the JSON pointer
   * @param slot the name of the only key that may make it; empty for any key
   * @param prefix what stands before the signature here; empty if nothing does
   */
  public record Place(ValueSource in, String slot, String prefix) {
    /** The header's name; empty if the place is none. */
    public String header() {
      return in.kind() == ValueSource.Kind.HEADER ? in.name() : "";
    }

    /** Whether a text that stands here begins with these characters. */
    public boolean begins(String text, String with) {
      return text.startsWith(with) || beginsWithWord(text, with);
    }

    // The word of an Authorization header is written in any case (RFC 9110, section 11.1).
    private boolean beginsWithWord(String text, String with) {
      int word = with.indexOf(' ') + 1;
      return word > 0
          && header().equalsIgnoreCase("authorization")
          && text.regionMatches(true, 0, with, 0, word)
          && text.startsWith(with.substring(word), word);
    }
  }

  /**
   * What is signed, under a condition.
   *
   * @param whenQuery the content holds for requests that have this query parameter; empty for all
   * @param when a condition that only the whole request tells; null if there is none
   * @param template the content; null where nothing is signed
   * @param requirements the second checks
   */
  public record Content(
      String whenQuery,
      @Nullable When when,
      @Nullable ContentTemplate template,
      List<Requirement> requirements) {}

  /**
   * A condition under which a content holds; all that is given must be so.
   *
   * @param method the request's method; empty for any
   * @param form whether the body has to be a form
   * @param in where one of the values must stand; null if nowhere
   * @param values the values
   */
  public record When(String method, boolean form, @Nullable ValueSource in, List<String> values) {}

  /**
   * A constant that has to be configured.
   *
   * @param description what it is
   * @param required whether the scheme cannot do without it
   * @param secret whether it must not be shown
   * @param otherwise its value where none is configured; empty if it has none
   */
  public record Parameter(String description, boolean required, boolean secret, String otherwise) {}

  /**
   * The provider's rules of delivery.
   *
   * @param retrySpan how long it goes on retrying; zero if it never does
   * @param deadline how long it waits for an answer; zero if not known
   * @param success what it takes for success
   * @param schedule how it retries, in words
   */
  public record Delivery(Duration retrySpan, Duration deadline, String success, String schedule) {}

  /**
   * A request with its verdict.
   *
   * @param name what it shows
   * @param secrets the secrets
   * @param params the configured constants
   * @param method the method
   * @param url the URL
   * @param headers the headers
   * @param body the body
   * @param now the time of the check, as in a case: seconds or RFC 3339; empty for none
   * @param outcome {@code verified}, {@code rejected} or {@code handshake}
   * @param reason the code of a rejection; empty otherwise
   */
  public record Vector(
      String name,
      List<String> secrets,
      Map<String, String> params,
      String method,
      String url,
      Map<String, String> headers,
      String body,
      String now,
      String outcome,
      String reason) {}

  /**
   * Why subscriptions cannot be confirmed by calls; empty if they can.
   *
   * @param params the configured constants
   */
  public Optional<String> confirmationFlaw(Map<String, String> params) {
    return HandshakeChecks.confirmationFlaw(this, params);
  }

  /** Whether a time is signed, so that a replay window can be kept. */
  public boolean signsTime() {
    return message != null
        || templates().anyMatch(this::signsTime)
        || hasTimeInBody()
        || (jwt != null && window().isPresent());
  }

  /** Whether a template signs the time, as a part of its own or within another. */
  public boolean signsTime(ContentTemplate template) {
    return template.signsTime()
        || variants.stream()
            .map(Variant::time)
            .flatMap(Stream::ofNullable)
            .anyMatch(time -> SchemeShape.isWithin(this, template, time.in()));
  }

  /** Whether the time stands in the signed body, and is read once that was found right. */
  public boolean hasTimeInBody() {
    if (needsWholeRequest()) {
      return false;
    }
    for (Variant variant : variants) {
      TimeRule time = variant.time();
      if (time != null && time.in().isInBody()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the URL that the sender called is signed. */
  public boolean signsUrl() {
    return message != null
        || templates().anyMatch(ContentTemplate::signsHost)
        || (jwt != null && jwt.urlHash() != null);
  }

  /** Whether a value is the nonce of a message signature, which is always signed. */
  public boolean isNonce(ValueSource source) {
    return message != null && source.kind() == ValueSource.Kind.ELEMENT;
  }

  /** Whether some keys are public keys. */
  public boolean hasPublicKeys() {
    return message == null
        ? accepts.stream().anyMatch(a -> a.algorithm().isPublicKey())
        : message.hasPublicKeys();
  }

  /** Whether the request only carries the secret, and nothing is signed. */
  public boolean isToken() {
    return jwt == null
        && message == null
        && accepts.stream().anyMatch(a -> !a.algorithm().protectsIntegrity());
  }

  /** Whether the signature covers the body, all of it. */
  public boolean protectsIntegrity() {
    if (jwt != null) {
      return jwt.coversBody();
    }
    if (message != null) {
      return !message.dangerouslyAllowUnsignedBody();
    }
    return !isToken() && reading.covers() == Reading.Covers.BODY;
  }

  /**
   * Whether a request can be judged only when all of it is there: its signature, or what chooses
   * the key, the algorithm or the content, stands in the body, or parts of what is signed have to
   * be worked out.
   */
  public boolean needsWholeRequest() {
    return SchemeShape.needsWholeRequest(this);
  }

  /**
   * The scheme with the configured constants in the places where it names them, and without the
   * algorithms that the operator finds too weak.
   *
   * @throws IllegalArgumentException if a constant does not fit; the message names it
   */
  public Scheme with(Map<String, String> values) {
    return SchemeShape.with(this, values);
  }

  /** The same with times in another unit: to find out why a request is refused, not to verify. */
  public Scheme withTimeUnit(TimeRule.Unit unit) {
    return SchemeShape.withTimeUnit(this, unit);
  }

  /** The same with MACs by another algorithm: to find out why a request is refused. */
  public Scheme withAlgorithm(Algorithm algorithm) {
    return SchemeShape.withAlgorithm(this, algorithm);
  }

  /** The configured constants, completed by those that have a value of their own. */
  public Map<String, String> completed(Map<String, String> values) {
    Map<String, String> all = new TreeMap<>();
    params.forEach(
        (name, param) -> {
          if (!param.otherwise().isEmpty()) {
            all.put(name, param.otherwise());
          }
        });
    all.putAll(values);
    return all;
  }

  /** The replay window that the provider documents, if a time is signed. */
  public Optional<Duration> window() {
    return variants.stream()
        .map(Variant::time)
        .filter(java.util.Objects::nonNull)
        .map(TimeRule::window)
        .findFirst();
  }

  Scheme withVectors(List<Vector> read) {
    return new Scheme(
        name,
        title,
        aliases,
        confidence,
        methods,
        body,
        grammar,
        accepts,
        message,
        variants,
        contents,
        requirements,
        urlForms,
        types,
        params,
        jwt,
        keys,
        handshakes,
        owner,
        equalBodies,
        retryBodiesDiffer,
        tokenVouchesForId,
        attempt,
        delivery,
        reading,
        notes,
        uncertain,
        sources,
        read);
  }

  private Stream<ContentTemplate> templates() {
    return contents.stream()
        .map(Content::template)
        .flatMap(t -> t == null ? Stream.empty() : Stream.of(t));
  }
}
