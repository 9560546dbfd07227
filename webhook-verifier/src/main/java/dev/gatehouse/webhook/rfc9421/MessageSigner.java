package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.HttpMessage.Field;
import dev.gatehouse.webhook.rfc9421.MessageRefusal.RefusedException;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bare;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bytes;
import dev.gatehouse.webhook.rfc9421.StructuredField.Int;
import dev.gatehouse.webhook.rfc9421.StructuredField.Kind;
import dev.gatehouse.webhook.rfc9421.StructuredField.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signs messages as RFC 9421 has it: what it signs, a {@link MessageVerifier} that requires no more
 * than was covered accepts. For senders, tests and tools.
 */
public final class MessageSigner {
  private final String label;
  private final MessageKey key;
  private final List<SignatureComponent> components;
  private final Map<String, Bare> parameters = new LinkedHashMap<>();
  private final Map<String, Kind> kinds = new LinkedHashMap<>(KnownFields.KINDS);

  private MessageSigner(String label, MessageKey key, List<SignatureComponent> components) {
    this.label = label;
    this.key = key;
    this.components = List.copyOf(components);
  }

  /**
   * A signer; it is to be used once for each signature, since its parameters are of one.
   *
   * @param label the signature's label: a lower-case letter, then letters, digits, _ - . *
   * @param key the key, made by {@link MessageKey#forSigning}
   * @param components what to cover, in this order, each once
   * @throws IllegalArgumentException if the label is none, or a component stands twice
   */
  public static MessageSigner create(
      String label, MessageKey key, List<SignatureComponent> components) {
    if (!label.matches("[a-z*][a-z0-9_.*-]*")) {
      throw new IllegalArgumentException(
          "label must be a lower-case letter, then letters, digits, _, -, . or *");
    }
    SignatureComponent.requireEachOnce(components);
    return new MessageSigner(label, key, components);
  }

  /** Adds {@code created} or {@code expires}, in seconds since the epoch. */
  public MessageSigner time(String parameter, long seconds) {
    parameters.put(parameter, new Int(seconds));
    return this;
  }

  /**
   * Adds {@code keyid}, {@code nonce}, {@code tag} or {@code alg}; nothing if the text is empty.
   */
  public MessageSigner text(String parameter, String text) {
    if (text.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new IllegalArgumentException(parameter + " must be printable ASCII");
    }
    if (!text.isEmpty()) {
      parameters.put(parameter, new Text(text));
    }
    return this;
  }

  /** Makes a field known as structured, so that the parameter {@code sf} works for it. */
  public MessageSigner structuredField(String name, Kind kind) {
    kinds.put(name, kind);
    return this;
  }

  /**
   * The fields {@code Signature-Input} and {@code Signature} for a message that has all others.
   *
   * @throws IllegalArgumentException if the message lacks what is to be covered; the message names
   *     the component
   */
  public List<Field> sign(HttpMessage message) {
    SignatureInput input = new SignatureInput(label, components, parameters);
    try {
      byte[] signature = key.sign(SignatureBase.of(message, input, kinds).text());
      return List.of(
          new Field("Signature-Input", label + "=" + input.serialize()),
          new Field("Signature", label + "=" + Bytes.of(signature).serialize()));
    } catch (RefusedException e) {
      throw new IllegalArgumentException(e.refusal().detail(), e);
    }
  }
}
