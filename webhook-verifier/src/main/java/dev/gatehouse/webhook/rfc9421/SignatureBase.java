package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.MessageRefusal.Flaw;
import dev.gatehouse.webhook.rfc9421.MessageRefusal.RefusedException;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bare;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bytes;
import dev.gatehouse.webhook.rfc9421.StructuredField.Kind;
import dev.gatehouse.webhook.rfc9421.StructuredField.Limits;
import dev.gatehouse.webhook.rfc9421.StructuredField.Member;
import dev.gatehouse.webhook.rfc9421.StructuredField.Read;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * The text over which a signature is made (RFC 9421, section 2.5): one line for each covered
 * component and one for the signature's parameters, in ASCII, so that no value can pose as a line.
 *
 * <p>A component that the message does not have, or that can be read in more than one way, gives no
 * base but a {@link MessageRefusal}.
 */
public final class SignatureBase {
  /** The longest base that is made, in characters. */
  static final int MAX_LENGTH = 65_536;

  /** Fields that tell the moment of signing, and so differ when a delivery is repeated. */
  private static final Set<String> MOMENTARY = Set.of("date", "signature", "signature-input");

  private record Line(SignatureComponent component, String value) {}

  private final SignatureInput input;
  private final List<Line> lines;

  private SignatureBase(SignatureInput input, List<Line> lines) {
    this.input = input;
    this.lines = lines;
  }

  static SignatureBase of(HttpMessage message, SignatureInput input, Map<String, Kind> kinds)
      throws RefusedException {
    List<Line> lines = new ArrayList<>(input.components().size());
    TargetUri target = null;
    Map<String, Map<String, Member>> dictionaries = new HashMap<>();
    int length = 0;
    for (SignatureComponent component : input.components()) {
      if (component.isDerived() && target == null) {
        target = TargetUri.of(message);
      }
      String value =
          target != null && component.isDerived()
              ? target.value(component)
              : field(message, component, kinds, dictionaries);
      length += value.length();
      if (!isPlain(value) || length > MAX_LENGTH) {
        throw unusable(component, "is too long, or holds more than printable ASCII");
      }
      lines.add(new Line(component, value));
    }
    return new SignatureBase(input, lines);
  }

  /** The text that is signed. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      append(text, line);
    }
    return text.append("\"@signature-params\": ").append(input.serialize()).toString();
  }

  /**
   * What a repetition of the same delivery has in common with the first, whenever it was signed and
   * by which key: the lines and parameters that tell neither.
   */
  public String identity() {
    return identity(input.lastingParameters());
  }

  /**
   * The same without the nonce, of which a repetition that is signed anew has another: for where an
   * id tells one delivery from the next.
   */
  public String identityBesideId() {
    Map<String, Bare> lasting = input.lastingParameters();
    lasting.remove("nonce");
    return identity(lasting);
  }

  private String identity(Map<String, Bare> parameters) {
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      if (!MOMENTARY.contains(line.component().name())) {
        append(text, line);
      }
    }
    return text + new StructuredField.InnerList(List.of(), parameters).serialize();
  }

  private static void append(StringBuilder text, Line line) {
    text.append(line.component().serialize()).append(": ").append(line.value()).append('\n');
  }

  static RefusedException unusable(SignatureComponent component, String why) {
    return new RefusedException(
        Flaw.UNUSABLE_COMPONENT, "the covered component " + component + " " + why);
  }

  private static boolean isPlain(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c > '~') {
        return false;
      }
    }
    return true;
  }

  // --- fields: section 2.1

  private static String field(
      HttpMessage message,
      SignatureComponent component,
      Map<String, Kind> kinds,
      Map<String, Map<String, Member>> dictionaries)
      throws RefusedException {
    List<String> values = message.values(component.name());
    if (values.isEmpty()) {
      throw unusable(component, "is not in the message");
    }
    if (component.has("bs")) {
      return wrapped(component, values);
    }
    String joined = join(values);
    if (component.has("key")) {
      return member(component, joined, dictionaries);
    }
    return component.has("sf") ? strict(component, joined, kinds) : joined;
  }

  /** The lines of a field as one value: without outer white space, folds as one space each. */
  static String join(List<String> lines) {
    if (lines.size() == 1) {
      return trimmed(lines.get(0));
    }
    StringJoiner joined = new StringJoiner(", ");
    lines.forEach(line -> joined.add(trimmed(line)));
    return joined.toString();
  }

  private static String trimmed(String line) {
    String unfolded = unfolded(line);
    int from = 0;
    int to = unfolded.length();
    while (from < to && isBlank(unfolded.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(unfolded.charAt(to - 1))) {
      to--;
    }
    return unfolded.substring(from, to);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  // RFC 9112, section 5.2: white space, line end, and at least one white space is one space. A line
  // end without white space behind it stays, and is refused as what it is: a smuggled line.
  private static String unfolded(String line) {
    if (line.indexOf('\n') < 0) {
      return line;
    }
    StringBuilder text = new StringBuilder(line.length());
    int at = 0;
    while (at < line.length()) {
      int end = foldAt(line, at);
      if (end < 0) {
        text.append(line.charAt(at++));
        continue;
      }
      while (!text.isEmpty() && isBlank(text.charAt(text.length() - 1))) {
        text.setLength(text.length() - 1);
      }
      text.append(' ');
      at = end;
    }
    return text.toString();
  }

  private static int foldAt(String line, int at) {
    int next = line.startsWith("\r\n", at) ? at + 2 : at + 1;
    if ((line.charAt(at) != '\n' && next == at + 1)
        || next >= line.length()
        || !isBlank(line.charAt(next))) {
      return -1;
    }
    while (next < line.length() && isBlank(line.charAt(next))) {
      next++;
    }
    return next;
  }

  // Header octets come as ISO 8859-1 from servers; what is beyond that was never on the wire.
  private static String wrapped(SignatureComponent component, List<String> values)
      throws RefusedException {
    List<String> wrapped = new ArrayList<>(values.size());
    for (String value : values) {
      String plain = trimmed(value);
      if (plain.chars().anyMatch(c -> c > 0xFF || c == '\n' || c == '\r' || c == 0)) {
        throw unusable(component, "holds what no header can hold");
      }
      wrapped.add(Bytes.of(plain.getBytes(StandardCharsets.ISO_8859_1)).serialize());
    }
    return String.join(", ", wrapped);
  }

  // A field is read once for all its members: a signature may name as many as it likes.
  private static String member(
      SignatureComponent component, String value, Map<String, Map<String, Member>> dictionaries)
      throws RefusedException {
    Member member =
        dictionaries
            .computeIfAbsent(component.name(), name -> dictionary(value))
            .get(component.text("key"));
    if (member == null) {
      throw unusable(component, "is no dictionary with that key");
    }
    return member.serialize();
  }

  private static Map<String, Member> dictionary(String value) {
    return StructuredField.dictionary(value, Limits.DEFAULT)
            instanceof Read<Map<String, Member>> read
        ? read.value()
        : Map.of();
  }

  private static String strict(SignatureComponent component, String value, Map<String, Kind> kinds)
      throws RefusedException {
    Kind kind = kinds.get(component.name());
    if (kind == null) {
      throw unusable(component, "is not known to be a structured field");
    }
    if (StructuredField.canonical(kind, value, Limits.DEFAULT) instanceof Read<String> read) {
      return read.value();
    }
    throw unusable(component, "is not a well-formed structured field");
  }
}
