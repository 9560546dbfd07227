package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.MessageRefusal.Flaw;
import dev.gatehouse.webhook.rfc9421.MessageRefusal.RefusedException;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bytes;
import dev.gatehouse.webhook.rfc9421.StructuredField.Item;
import dev.gatehouse.webhook.rfc9421.StructuredField.Kind;
import dev.gatehouse.webhook.rfc9421.StructuredField.Malformed;
import dev.gatehouse.webhook.rfc9421.StructuredField.Member;
import dev.gatehouse.webhook.rfc9421.StructuredField.Parsed;
import dev.gatehouse.webhook.rfc9421.StructuredField.Read;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides by the receiver's policy whether a message was signed by the holder of a key: a signature
 * that is right but covers too little, is too old, or was made with another algorithm than its
 * key's is refused.
 *
 * <pre>{@code
 * MessageVerifier policy = MessageVerifier.builder().label("sig1").build();
 * MessageVerdict verdict = policy.verify(message, keys, now);
 * if (verdict instanceof MessageVerdict.Accepted accepted && accepted.judgeBody(body).isEmpty()) {
 *   accept(body);
 * }
 * }</pre>
 *
 * <h2>Security guarantees</h2>
 *
 * <ul>
 *   <li>What has to be covered is the receiver's choice; the body's digest is part of it unless
 *       that was switched off by {@link Builder#dangerouslyAllowUnsignedBody}.
 *   <li>A key has one algorithm; the message's {@code alg} may only agree with it.
 *   <li>{@code created} is demanded and bounded on both sides; {@code expires} is obeyed.
 *   <li>At most {@value #MAX_TRIED} signatures are tried, each over at most 64 components.
 * </ul>
 */
public final class MessageVerifier {
  static final int MAX_TRIED = 4;
  private static final int MAX_NONCE = 512;

  /**
   * A key that may have signed.
   *
   * @param keyId the name by which messages call it; empty if it has none
   * @param key the key
   */
  public record NamedKey(String keyId, MessageKey key) {}

  private final List<SignatureComponent> required;
  private final String label;
  private final String tag;
  private final boolean checksTime;
  private final Duration window;
  private final boolean nonceRequired;
  private final boolean namedKeysOnly;
  private final Map<String, Kind> kinds;

  private MessageVerifier(Builder builder) {
    this.required = builder.required;
    this.label = builder.label;
    this.tag = builder.tag;
    this.checksTime = !builder.skipReplayCheck;
    this.window = builder.window;
    this.nonceRequired = builder.nonceRequired;
    this.namedKeysOnly = builder.namedKeysOnly;
    this.kinds = Map.copyOf(builder.kinds);
  }

  /** Begins a policy. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Decides over a message's head. It never throws for what the message holds.
   *
   * @param message the message
   * @param keys the keys, those to prefer first
   * @param now the time of the check
   */
  public MessageVerdict verify(HttpMessage message, List<NamedKey> keys, Instant now) {
    try {
      return firstAccepted(message, keys, now);
    } catch (RefusedException e) {
      return new MessageVerdict.Refused(e.refusal());
    }
  }

  private MessageVerdict firstAccepted(HttpMessage message, List<NamedKey> keys, Instant now)
      throws RefusedException {
    Map<String, Member> inputs = dictionary(message, "Signature-Input");
    Map<String, Member> signatures = dictionary(message, "Signature");
    MessageRefusal furthest = null;
    for (Map.Entry<String, Member> candidate : chosen(inputs)) {
      try {
        SignatureInput input = SignatureInput.of(candidate.getKey(), candidate.getValue());
        byte[] signature = signature(signatures.get(candidate.getKey()));
        return judge(message, input, signature, keys, now);
      } catch (RefusedException e) {
        boolean further = furthest == null || e.refusal().flaw().compareTo(furthest.flaw()) > 0;
        furthest = further ? e.refusal() : furthest;
      }
    }
    return new MessageVerdict.Refused(furthest == null ? missing() : furthest);
  }

  private MessageRefusal missing() {
    String which = label.isEmpty() ? "" : " with the label that was chosen";
    which = tag.isEmpty() ? which : " with the tag that was chosen";
    return new MessageRefusal(Flaw.MISSING_SIGNATURE, "there is no signature" + which);
  }

  private Map<String, Member> dictionary(HttpMessage message, String name) throws RefusedException {
    List<String> lines = message.values(name);
    if (lines.isEmpty()) {
      throw new RefusedException(Flaw.MISSING_SIGNATURE, "header " + name + " is not there");
    }
    int length = lines.size();
    for (String line : lines) {
      length += line.length();
    }
    if (length > SignatureInput.LIMITS.characters()) {
      throw MessageRefusal.malformed("header " + name + " is too long");
    }
    Parsed<Map<String, Member>> parsed =
        StructuredField.dictionary(SignatureBase.join(lines), SignatureInput.LIMITS);
    if (parsed instanceof Malformed<Map<String, Member>> malformed) {
      throw new RefusedException(
          malformed.twice() ? Flaw.AMBIGUOUS_SIGNATURE : Flaw.MALFORMED_SIGNATURE,
          "header " + name + " " + malformed.flaw() + ", at character " + malformed.at());
    }
    return ((Read<Map<String, Member>>) parsed).value();
  }

  private List<Map.Entry<String, Member>> chosen(Map<String, Member> inputs)
      throws RefusedException {
    List<Map.Entry<String, Member>> candidates = new ArrayList<>();
    for (Map.Entry<String, Member> input : inputs.entrySet()) {
      boolean counts =
          (label.isEmpty() || input.getKey().equals(label))
              && (tag.isEmpty()
                  || new StructuredField.Text(tag)
                      .equals(input.getValue().parameters().get("tag")));
      if (counts) {
        candidates.add(input);
      }
    }
    if (candidates.size() > MAX_TRIED) {
      throw MessageRefusal.malformed(
          "there are more than " + MAX_TRIED + " signatures to try: choose one by label or tag");
    }
    return candidates;
  }

  private static byte[] signature(@Nullable Member member) throws RefusedException {
    if (member instanceof Item item && item.value() instanceof Bytes bytes) {
      return bytes.decode();
    }
    throw MessageRefusal.malformed(
        member == null
            ? "Signature lacks a label that Signature-Input has"
            : "Signature has a member that is not a byte sequence");
  }

  private MessageVerdict judge(
      HttpMessage message, SignatureInput input, byte[] signature, List<NamedKey> keys, Instant now)
      throws RefusedException {
    checkCoverage(input);
    checkTimes(input, now.getEpochSecond());
    checkNonce(input);
    List<Integer> candidates = candidates(input, keys);
    SignatureBase base = SignatureBase.of(message, input, kinds);
    List<String> digestLines = message.values(SignatureComponent.CONTENT_DIGEST);
    ContentDigest digest = digestLines.isEmpty() ? null : ContentDigest.of(digestLines);
    String text = base.text();
    for (int at : candidates) {
      if (keys.get(at).key().verifies(text, signature)) {
        return new MessageVerdict.Accepted(at, input, base, digest);
      }
    }
    throw new RefusedException(Flaw.MISMATCH, "no key made this signature over this message");
  }

  private void checkCoverage(SignatureInput input) throws RefusedException {
    for (SignatureComponent component : required) {
      boolean covered =
          component.coversBody()
              ? input.components().stream().anyMatch(SignatureComponent::coversBody)
              : SignatureComponent.cover(input.components(), component);
      if (!covered) {
        throw new RefusedException(
            Flaw.MISSING_COMPONENT, "the signature does not cover " + component);
      }
    }
  }

  private void checkTimes(SignatureInput input, long now) throws RefusedException {
    if (!checksTime) {
      return;
    }
    if (input.created().isEmpty()) {
      throw new RefusedException(
          Flaw.MISSING_TIME, "the signature does not say when it was created");
    }
    long created = input.created().getAsLong();
    long expires = input.expires().orElse(Long.MAX_VALUE);
    if (expires < created) {
      throw new RefusedException(Flaw.MALFORMED_TIME, "the signature expires before it is created");
    }
    if (now > expires) {
      throw new RefusedException(Flaw.TOO_OLD, "the signature has expired");
    }
    if (now - created > window.toSeconds()) {
      throw new RefusedException(Flaw.TOO_OLD, "the signature was created too long ago");
    }
    if (created - now > window.toSeconds()) {
      throw new RefusedException(Flaw.TOO_NEW, "the signature was created in the future");
    }
  }

  private void checkNonce(SignatureInput input) throws RefusedException {
    Optional<String> nonce = input.text("nonce");
    if (nonce.isEmpty() && nonceRequired) {
      throw new RefusedException(Flaw.MISSING_NONCE, "the signature has no nonce");
    }
    String text = nonce.orElse("-");
    boolean plain =
        !text.isEmpty()
            && text.length() <= MAX_NONCE
            && text.chars().allMatch(c -> c > ' ' && c <= '~');
    if (!plain) {
      throw new RefusedException(
          Flaw.MALFORMED_NONCE, "the nonce is empty, too long, or holds a space");
    }
  }

  // The message may say which key and algorithm it means, and so narrow the choice; never widen it.
  private List<Integer> candidates(SignatureInput input, List<NamedKey> keys)
      throws RefusedException {
    Optional<String> alg = input.text("alg");
    if (alg.isPresent() && MessageAlgorithm.named(alg.get()).isEmpty()) {
      throw new RefusedException(Flaw.UNKNOWN_ALGORITHM, "the parameter alg is not known");
    }
    String keyId = input.text("keyid").orElse("");
    boolean known = !keyId.isEmpty() && keys.stream().anyMatch(key -> key.keyId().equals(keyId));
    if (namedKeysOnly && !known) {
      throw new RefusedException(Flaw.UNKNOWN_KEY, "the parameter keyid names no configured key");
    }
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      NamedKey key = keys.get(i);
      boolean named = !known || key.keyId().equals(keyId);
      if (named
          && alg.orElse(key.key().algorithm().label()).equals(key.key().algorithm().label())) {
        candidates.add(i);
      }
    }
    return candidates;
  }

  /** Collects a policy; {@link #build} checks it. */
  public static final class Builder {
    private List<SignatureComponent> required =
        SignatureComponent.listOf("@method @authority @path content-digest");
    private String label = "";
    private String tag = "";
    private Duration window = Duration.ofMinutes(5);
    private boolean skipReplayCheck;
    private boolean nonceRequired;
    private boolean namedKeysOnly;
    private boolean unsignedBody;
    private final Map<String, Kind> kinds = new LinkedHashMap<>(KnownFields.KINDS);

    private Builder() {}

    /**
     * What a signature has to cover; {@code @method}, {@code @authority}, {@code @path} and {@code
     * content-digest} if not given.
     */
    public Builder require(List<SignatureComponent> components) {
      this.required = List.copyOf(components);
      return this;
    }

    /** The label of the one signature that counts; empty for any. */
    public Builder label(String value) {
      this.label = value;
      return this;
    }

    /** The tag that the signature has to carry; empty for any. */
    public Builder tag(String value) {
      this.tag = value;
      return this;
    }

    /** How far {@code created} may be from now, on both sides; 5 minutes if not given. */
    public Builder window(Duration value) {
      this.window = value;
      return this;
    }

    /** Demands a nonce, so that each signature can be claimed once. */
    public Builder requireNonce() {
      this.nonceRequired = true;
      return this;
    }

    /** Refuses a signature whose {@code keyid} is absent or names none of the keys. */
    public Builder namedKeysOnly() {
      this.namedKeysOnly = true;
      return this;
    }

    /** Makes a field known as structured, so that the parameter {@code sf} works for it. */
    public Builder structuredField(String name, Kind kind) {
      kinds.put(name, kind);
      return this;
    }

    /** Accepts any time: a captured message passes for ever. For tests of old captures. */
    public Builder dangerouslySkipReplayCheck() {
      this.skipReplayCheck = true;
      return this;
    }

    /** Accepts signatures that do not cover the body: anybody on the way can put another. */
    public Builder dangerouslyAllowUnsignedBody() {
      this.unsignedBody = true;
      return this;
    }

    /**
     * The policy.
     *
     * @throws IllegalArgumentException if it leaves the body unsigned without saying so
     */
    public MessageVerifier build() {
      if (!unsignedBody && required.stream().noneMatch(SignatureComponent::coversBody)) {
        throw new IllegalArgumentException(
            "the required components leave the body unsigned: add content-digest");
      }
      if (window.isNegative() || window.isZero()) {
        throw new IllegalArgumentException("the window must be positive");
      }
      return new MessageVerifier(this);
    }
  }
}
