package dev.gatehouse.webhook.scheme;

import dev.gatehouse.webhook.rfc9421.MessageAlgorithm;
import dev.gatehouse.webhook.rfc9421.MessageKey;
import dev.gatehouse.webhook.rfc9421.SignatureComponent;
import dev.gatehouse.webhook.rfc9421.StructuredField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a scheme demands of an HTTP message signature (RFC 9421): the receiver's policy as data.
 *
 * @param required the components that a signature has to cover
 * @param algorithms the algorithms whose keys are accepted
 * @param secrets how a shared secret is written
 * @param label the label of the one signature that counts; empty for any
 * @param tag the tag that it has to carry; empty for any
 * @param nonceRequired whether it has to carry a nonce
 * @param structuredFields further fields that are known to be structured, by name
 * @param dangerouslyAllowUnsignedBody whether the body may stay unsigned
 */
public record MessageRule(
    List<SignatureComponent> required,
    List<MessageAlgorithm> algorithms,
    MessageKey.SecretForm secrets,
    String label,
    String tag,
    boolean nonceRequired,
    Map<String, StructuredField.Kind> structuredFields,
    boolean dangerouslyAllowUnsignedBody) {

  /** The constant that replaces {@link #required}. */
  public static final String REQUIRED = "required_components";

  /** The constant that replaces {@link #label}. */
  public static final String LABEL = "label";

  /** The constant that replaces {@link #tag}. */
  public static final String TAG = "tag";

  /** The constant that narrows {@link #algorithms} to one. */
  public static final String ALGORITHM = "algorithm";

  /** The constant that names the keys, in the order of the secrets, parted by spaces. */
  public static final String KEY_ID = "keyid";

  /** The constant that, as {@code true}, lets the body stay unsigned. */
  public static final String UNSIGNED_BODY = "dangerously_allow_unsigned_body";

  /** The names of all of them. */
  public static final List<String> PARAMS =
      List.of(REQUIRED, LABEL, TAG, ALGORITHM, KEY_ID, UNSIGNED_BODY);

  /** Whether some keys are public keys. */
  public boolean hasPublicKeys() {
    return algorithms.stream().anyMatch(a -> !a.isShared());
  }

  /** Whether what is required includes the body. */
  public boolean coversBody() {
    return required.stream().anyMatch(SignatureComponent::coversBody);
  }

  /**
   * The rule as the receiver's constants have it.
   *
   * @throws IllegalArgumentException if a constant is none; the message names it and the remedy
   */
  public MessageRule with(Map<String, String> params) {
    List<SignatureComponent> wanted = read(params, REQUIRED, MessageRule::components, required);
    String name = read(params, LABEL, Function.identity(), label);
    List<MessageAlgorithm> narrowed = read(params, ALGORITHM, this::only, algorithms);
    boolean unsignedBody =
        read(params, UNSIGNED_BODY, MessageRule::flag, dangerouslyAllowUnsignedBody);
    MessageRule rule =
        new MessageRule(
            wanted,
            narrowed,
            secrets,
            name,
            read(params, TAG, MessageRule::printable, tag),
            nonceRequired,
            structuredFields,
            unsignedBody);
    if (!unsignedBody && !rule.coversBody()) {
      throw new IllegalArgumentException(
          "params."
              + REQUIRED
              + " leaves the body unsigned: add content-digest, or say params."
              + UNSIGNED_BODY
              + ": true");
    }
    if (wanted.stream().anyMatch(component -> component.name().equals("@status"))) {
      throw new IllegalArgumentException(
          "params."
              + REQUIRED
              + " asks for @status, which only responses have: every delivery would be refused");
    }
    read(params, KEY_ID, MessageRule::printable, "");
    if (!isLabel(name)) {
      throw new IllegalArgumentException("params." + LABEL + " cannot be a label: " + LABELS);
    }
    return rule;
  }

  static final String LABELS = "it is a lower-case letter, then letters, digits, _, -, . or *";

  static final String UNPRINTABLE = "must be printable ASCII: no signature can carry anything else";

  static boolean isLabel(String text) {
    return text.isEmpty() || text.matches("[a-z*][a-z0-9_.*-]*");
  }

  /** The one algorithm that was configured; empty where the key's form says it. */
  public Optional<MessageAlgorithm> onlyAlgorithm() {
    return algorithms.size() == 1 ? Optional.of(algorithms.get(0)) : Optional.empty();
  }

  private List<MessageAlgorithm> only(String name) {
    return MessageAlgorithm.named(name.toLowerCase(Locale.ROOT))
        .filter(algorithms::contains)
        .map(List::of)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be one of "
                        + String.join(
                            ", ", algorithms.stream().map(MessageAlgorithm::label).toList())));
  }

  private static List<SignatureComponent> components(String text) {
    List<SignatureComponent> components = SignatureComponent.listOf(text);
    SignatureComponent.requireEachOnce(components);
    return components;
  }

  static boolean isPrintable(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  private static String printable(String text) {
    if (!isPrintable(text)) {
      throw new IllegalArgumentException(UNPRINTABLE);
    }
    return text;
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true or false");
    };
  }

  private static <T> T read(
      Map<String, String> params, String name, Function<String, T> reader, T otherwise) {
    String text = params.getOrDefault(name, "").strip();
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("params." + name + " " + e.getMessage(), e);
    }
  }
}
