package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.rfc9421.HttpMessage;
import dev.gatehouse.webhook.rfc9421.MessageKey;
import dev.gatehouse.webhook.rfc9421.MessageRefusal;
import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.rfc9421.MessageVerifier;
import dev.gatehouse.webhook.rfc9421.MessageVerifier.NamedKey;
import dev.gatehouse.webhook.scheme.MessageRule;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one verifier demands of HTTP message signatures, and which of its keys may make them. */
final class MessagePolicy {
  private final Scheme scheme;
  private final MessageRule rule;
  private final MessageVerifier verifier;
  private final List<String> keyIds;

  private MessagePolicy(
      Scheme scheme, MessageRule rule, MessageVerifier verifier, List<String> keyIds) {
    this.scheme = scheme;
    this.rule = rule;
    this.verifier = verifier;
    this.keyIds = keyIds;
  }

  /**
   * The policy of a scheme with the receiver's constants; null if the scheme has other signatures.
   *
   * @param window the replay window; null to keep none
   * @throws IllegalArgumentException if a constant is refused; the message names it
   */
  static @Nullable MessagePolicy of(
      Scheme scheme, Map<String, String> params, @Nullable Duration window) {
    return scheme.message() == null ? null : of(scheme, scheme.message(), params, window);
  }

  static MessagePolicy of(
      Scheme scheme, MessageRule unbound, Map<String, String> params, @Nullable Duration window) {
    MessageRule rule = unbound.with(params);
    List<String> keyIds = keyIds(params);
    MessageVerifier.Builder builder =
        MessageVerifier.builder().require(rule.required()).label(rule.label()).tag(rule.tag());
    rule.structuredFields().forEach(builder::structuredField);
    if (rule.nonceRequired()) {
      builder.requireNonce();
    }
    if (!keyIds.isEmpty()) {
      builder.namedKeysOnly();
    }
    if (rule.dangerouslyAllowUnsignedBody()) {
      builder.dangerouslyAllowUnsignedBody();
    }
    if (window == null) {
      builder.dangerouslySkipReplayCheck();
    } else {
      builder.window(window);
    }
    return new MessagePolicy(scheme, rule, builder.build(), keyIds);
  }

  /** A policy that takes whatever a configured key signed, whenever that was. */
  static MessagePolicy ofAny(Scheme scheme, MessageRule unbound, Map<String, String> params) {
    MessageRule rule = unbound.with(params);
    MessageVerifier.Builder builder =
        MessageVerifier.builder()
            .require(List.of())
            .dangerouslyAllowUnsignedBody()
            .dangerouslySkipReplayCheck();
    rule.structuredFields().forEach(builder::structuredField);
    return new MessagePolicy(scheme, rule, builder.build(), List.of());
  }

  static List<String> keyIds(Map<String, String> params) {
    String text = params.getOrDefault(MessageRule.KEY_ID, "").strip();
    return text.isEmpty() ? List.of() : List.of(text.split(" +"));
  }

  KeyRing.Decoder<VerifyingKey> decoder() {
    return (secret, index) -> VerifyingKey.of(key(secret), keyId(secret, index));
  }

  private MessageKey key(Secret secret) {
    try {
      MessageKey key =
          MessageKey.forVerifying(
              secret.revealText(), rule.secrets(), rule.onlyAlgorithm().orElse(null));
      if (!rule.algorithms().contains(key.algorithm())) {
        throw new IllegalArgumentException(
            "is a key for " + key.algorithm().label() + ", which the scheme does not accept");
      }
      return key;
    } catch (IllegalArgumentException e) {
      throw refused(secret, scheme, e);
    }
  }

  static IllegalArgumentException refused(
      Secret secret, Scheme scheme, IllegalArgumentException why) {
    return new IllegalArgumentException(
        "secret '" + secret.id() + "' of scheme " + scheme.name() + " " + why.getMessage(), why);
  }

  // Named by the constant, in the order of the secrets; else by the secret's own id, which a
  // message may then use to say which one it means.
  private String keyId(Secret secret, int index) {
    if (keyIds.isEmpty()) {
      return secret.id();
    }
    if (index >= keyIds.size()) {
      throw new IllegalArgumentException(
          "secret '"
              + secret.id()
              + "' has no name in params."
              + MessageRule.KEY_ID
              + ": give one for each secret, in their order");
    }
    return keyIds.get(index);
  }

  MessageVerdict verify(HttpMessage message, List<KeyRing.Entry<VerifyingKey>> keys, Instant now) {
    List<NamedKey> named = keys.stream().map(key -> key.key().messageKey()).toList();
    return verifier.verify(message, named, now);
  }

  /** Why a request is refused, in detail; empty if it is not. */
  Optional<MessageRefusal> refusal(
      HttpMessage message, byte[] body, List<Secret> secrets, Instant now) {
    List<NamedKey> keys = new ArrayList<>();
    for (int i = 0; i < secrets.size(); i++) {
      keys.add(new NamedKey(keyId(secrets.get(i), i), key(secrets.get(i))));
    }
    MessageVerdict verdict = verifier.verify(message, keys, now);
    return verdict instanceof MessageVerdict.Refused refused
        ? Optional.of(refused.refusal())
        : ((MessageVerdict.Accepted) verdict).judgeBody(body);
  }

  static List<KeyRing.Entry<VerifyingKey>> validAt(
      List<KeyRing.Entry<VerifyingKey>> keys, Instant now) {
    return keys.stream().filter(key -> key.isValidAt(now)).toList();
  }
}
