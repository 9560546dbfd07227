package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.MessageRefusal.RefusedException;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bare;
import dev.gatehouse.webhook.rfc9421.StructuredField.InnerList;
import dev.gatehouse.webhook.rfc9421.StructuredField.Int;
import dev.gatehouse.webhook.rfc9421.StructuredField.Item;
import dev.gatehouse.webhook.rfc9421.StructuredField.Limits;
import dev.gatehouse.webhook.rfc9421.StructuredField.Member;
import dev.gatehouse.webhook.rfc9421.StructuredField.Text;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One member of {@code Signature-Input} (RFC 9421, section 4.1): which components a signature
 * covers, each once, and the parameters under which it was made.
 *
 * @param label the signature's label
 * @param components what is covered, in the order of the signature base
 * @param parameters the signature's parameters, in their order
 */
public record SignatureInput(
    String label, List<SignatureComponent> components, Map<String, Bare> parameters) {
  /** 8,192 characters, 16 labels, 64 components, 16 parameters. */
  static final Limits LIMITS = new Limits(8_192, 16, 64, 16);

  private static final Set<String> TEXTS = Set.of("nonce", "alg", "keyid", "tag");
  private static final Set<String> TIMES = Set.of("created", "expires");

  static SignatureInput of(String label, Member member) throws RefusedException {
    if (!(member instanceof InnerList list)) {
      throw MessageRefusal.malformed("Signature-Input has a member that is not an inner list");
    }
    List<SignatureComponent> components = new ArrayList<>(list.items().size());
    Set<String> seen = new HashSet<>();
    for (Item item : list.items()) {
      SignatureComponent component = SignatureComponent.of(item);
      if (!seen.add(component.identity())) {
        throw MessageRefusal.malformed("component " + component.name() + " is covered twice");
      }
      components.add(component);
    }
    for (Map.Entry<String, Bare> parameter : list.parameters().entrySet()) {
      check(parameter.getKey(), parameter.getValue());
    }
    return new SignatureInput(label, List.copyOf(components), list.parameters());
  }

  private static void check(String name, Bare value) throws RefusedException {
    if (TEXTS.contains(name) && !(value instanceof Text)) {
      throw MessageRefusal.malformed("the signature's parameter " + name + " is not a string");
    }
    boolean time = value instanceof Int seconds && seconds.value() >= 0;
    if (TIMES.contains(name) && !time) {
      throw new RefusedException(
          MessageRefusal.Flaw.MALFORMED_TIME,
          "the signature's parameter " + name + " is not a number of seconds since the epoch");
    }
  }

  /** When the signature was made, in seconds since the epoch. */
  public OptionalLong created() {
    return seconds("created");
  }

  /** Until when it is meant to hold, in seconds since the epoch. */
  public OptionalLong expires() {
    return seconds("expires");
  }

  /** A parameter that is a string: {@code nonce}, {@code alg}, {@code keyid} or {@code tag}. */
  public Optional<String> text(String parameter) {
    return parameters.get(parameter) instanceof Text text
        ? Optional.of(text.value())
        : Optional.empty();
  }

  private OptionalLong seconds(String parameter) {
    return parameters.get(parameter) instanceof Int number
        ? OptionalLong.of(number.value())
        : OptionalLong.empty();
  }

  /** The covered components and the parameters, as the last line of the signature base has them. */
  public String serialize() {
    List<Item> items =
        components.stream().map(c -> new Item(new Text(c.name()), c.parameters())).toList();
    return new InnerList(items, parameters).serialize();
  }

  /** Those parameters that tell what is signed, not when and by which key: a copy. */
  Map<String, Bare> lastingParameters() {
    Map<String, Bare> lasting = new LinkedHashMap<>(parameters);
    lasting.keySet().removeAll(Set.of("created", "expires", "keyid", "alg"));
    return lasting;
  }
}
