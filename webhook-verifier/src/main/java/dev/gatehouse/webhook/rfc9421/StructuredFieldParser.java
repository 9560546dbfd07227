package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.StructuredField.Bare;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bool;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bytes;
import dev.gatehouse.webhook.rfc9421.StructuredField.InnerList;
import dev.gatehouse.webhook.rfc9421.StructuredField.Item;
import dev.gatehouse.webhook.rfc9421.StructuredField.Limits;
import dev.gatehouse.webhook.rfc9421.StructuredField.Malformed;
import dev.gatehouse.webhook.rfc9421.StructuredField.Member;
import dev.gatehouse.webhook.rfc9421.StructuredField.Parsed;
import dev.gatehouse.webhook.rfc9421.StructuredField.Read;
import dev.gatehouse.webhook.rfc9421.StructuredField.Text;
import dev.gatehouse.webhook.rfc9421.StructuredField.Token;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parsing algorithms of RFC 9651, section 4.2; each steps over what it read. */
final class StructuredFieldParser {
  /** One of the three kinds of field. */
  @FunctionalInterface
  interface Rule<T> {
    T read(StructuredFieldParser in) throws FlawException;
  }

  /** Leaves the parser; never leaves this class. Without a stack, since a request causes it. */
  static final class FlawException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean twice;

    private FlawException(String flaw, boolean twice) {
      super(flaw, null, false, false);
      this.twice = twice;
    }
  }

  private static final int END = -1;

  private final String text;
  private final Limits limits;
  private int at;

  private StructuredFieldParser(String text, Limits limits) {
    this.text = text;
    this.limits = limits;
  }

  static <T> Parsed<T> read(String text, Limits limits, Rule<T> rule) {
    if (text.length() > limits.characters()) {
      return new Malformed<>(
          limits.characters(), "is longer than " + limits.characters() + " characters", false);
    }
    StructuredFieldParser parser = new StructuredFieldParser(text, limits);
    try {
      parser.skipSpaces();
      T value = rule.read(parser);
      parser.skipSpaces();
      if (parser.peek() != END) {
        throw flaw("goes on after its end");
      }
      return new Read<>(value);
    } catch (FlawException e) {
      return new Malformed<>(parser.at, String.valueOf(e.getMessage()), e.twice);
    }
  }

  private static FlawException flaw(String what) {
    return new FlawException(what, false);
  }

  Map<String, Member> dictionary() throws FlawException {
    Map<String, Member> members = new LinkedHashMap<>();
    if (peek() == END) {
      return members;
    }
    do {
      String key = key();
      if (members.containsKey(key)) {
        throw new FlawException("has a key twice", true);
      }
      bounded(members.size(), limits.members(), "members");
      members.put(key, take('=') ? member() : new Item(new Bool(true), parameters()));
    } while (anotherMember());
    return members;
  }

  List<Member> list() throws FlawException {
    List<Member> members = new ArrayList<>();
    if (peek() == END) {
      return members;
    }
    do {
      bounded(members.size(), limits.members(), "members");
      members.add(member());
    } while (anotherMember());
    return members;
  }

  private boolean anotherMember() throws FlawException {
    skipOptionalWhitespace();
    if (peek() == END) {
      return false;
    }
    if (!take(',')) {
      throw flaw("lacks a comma between members");
    }
    skipOptionalWhitespace();
    if (peek() == END) {
      throw flaw("ends with a comma");
    }
    return true;
  }

  private Member member() throws FlawException {
    return peek() == '(' ? innerList() : item();
  }

  private InnerList innerList() throws FlawException {
    at++;
    List<Item> items = new ArrayList<>();
    while (true) {
      skipSpaces();
      if (take(')')) {
        return new InnerList(items, parameters());
      }
      bounded(items.size(), limits.items(), "items in an inner list");
      items.add(item());
      if (peek() != ' ' && peek() != ')') {
        throw flaw("has an inner list whose items are not parted by spaces");
      }
    }
  }

  Item item() throws FlawException {
    Bare value = bare();
    return new Item(value, parameters());
  }

  private Map<String, Bare> parameters() throws FlawException {
    if (peek() != ';') {
      return Map.of();
    }
    Map<String, Bare> parameters = new LinkedHashMap<>();
    while (take(';')) {
      skipSpaces();
      String key = key();
      if (parameters.containsKey(key)) {
        throw new FlawException("has a parameter twice", true);
      }
      bounded(parameters.size(), limits.parameters(), "parameters");
      parameters.put(key, take('=') ? bare() : new Bool(true));
    }
    return parameters;
  }

  private static void bounded(int size, int limit, String what) throws FlawException {
    if (size >= limit) {
      throw flaw("has more than " + limit + " " + what);
    }
  }

  private String key() throws FlawException {
    int start = at;
    if (!isLower(peek()) && peek() != '*') {
      throw flaw("lacks a key: a lower-case letter or *");
    }
    while (isLower(peek()) || isDigit(peek()) || isOneOf(peek(), "_-.*")) {
      at++;
    }
    return text.substring(start, at);
  }

  private Bare bare() throws FlawException {
    int first = peek();
    if (first == '-' || isDigit(first)) {
      return number();
    }
    return switch (first) {
      case '"' -> new Text(quoted());
      case ':' -> bytes();
      case '?' -> bool();
      case '@' -> date();
      case '%' -> displayText();
      default -> token();
    };
  }

  // At most 15 digits, or 12 and 3 behind a point: no overflow, one reading.
  private Bare number() throws FlawException {
    int start = at;
    take('-');
    int digits = digits();
    if (digits == 0 || digits > 15) {
      throw flaw("has a number of no or more than 15 digits");
    }
    if (!take('.')) {
      return new StructuredField.Int(Long.parseLong(text.substring(start, at)));
    }
    int fraction = digits();
    if (digits > 12 || fraction == 0 || fraction > 3) {
      throw flaw("has a decimal that is not of at most 12 digits, a point, and 1 to 3 digits");
    }
    return new StructuredField.Decimal(new BigDecimal(text.substring(start, at)));
  }

  private int digits() {
    int start = at;
    while (isDigit(peek())) {
      at++;
    }
    return at - start;
  }

  private String quoted() throws FlawException {
    StringBuilder value = new StringBuilder();
    at++;
    while (true) {
      int c = peek();
      if (c < ' ' || c > '~') {
        throw flaw(c == END ? "has a string without end" : "has a string that is not plain ASCII");
      }
      at++;
      if (c == '"') {
        return value.toString();
      }
      if (c == '\\') {
        c = peek();
        if (c != '"' && c != '\\') {
          throw flaw("escapes something other than a quote or a backslash");
        }
        at++;
      }
      value.append((char) c);
    }
  }

  private Bytes bytes() throws FlawException {
    int start = ++at;
    int end = text.indexOf(':', start);
    if (end < 0) {
      throw flaw("has a byte sequence without end");
    }
    String base64 = text.substring(start, end);
    if (StrictBase64.decode(base64) == null) {
      throw flaw("has a byte sequence that is not base64 with padding");
    }
    at = end + 1;
    return new Bytes(base64);
  }

  private Bool bool() throws FlawException {
    at++;
    if (take('1')) {
      return new Bool(true);
    }
    if (take('0')) {
      return new Bool(false);
    }
    throw flaw("has a boolean that is neither ?0 nor ?1");
  }

  private StructuredField.Date date() throws FlawException {
    at++;
    if (peek() == '-' || isDigit(peek())) {
      Bare number = number();
      if (number instanceof StructuredField.Int seconds) {
        return new StructuredField.Date(seconds.value());
      }
    }
    throw flaw("has a date that is not a number of seconds");
  }

  private StructuredField.DisplayText displayText() throws FlawException {
    at++;
    if (!take('"')) {
      throw flaw("has a display string without a quote");
    }
    ByteBuffer bytes = ByteBuffer.allocate(text.length() - at);
    while (peek() != '"') {
      int c = peek();
      if (c < ' ' || c > '~') {
        throw flaw("has a display string that is not plain ASCII, or has no end");
      }
      at++;
      bytes.put((byte) (c == '%' ? hexByte() : c));
    }
    at++;
    try {
      return new StructuredField.DisplayText(
          StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
    } catch (CharacterCodingException e) {
      throw flaw("has a display string that is not UTF-8");
    }
  }

  private int hexByte() throws FlawException {
    int value = 0;
    for (int i = 0; i < 2; i++) {
      int c = peek();
      if (!isDigit(c) && (c < 'a' || c > 'f')) {
        throw flaw("has a display string with an escape that is not two lower-case hex digits");
      }
      at++;
      value = value << 4 | Character.digit(c, 16);
    }
    return value;
  }

  private Token token() throws FlawException {
    int start = at;
    int first = peek();
    if (!isLower(first) && !(first >= 'A' && first <= 'Z') && first != '*') {
      throw flaw("has a value that is none");
    }
    while (isTokenCharacter(peek())) {
      at++;
    }
    return new Token(text.substring(start, at));
  }

  private static boolean isTokenCharacter(int c) {
    return isLower(c) || (c >= 'A' && c <= 'Z') || isDigit(c) || isOneOf(c, "!#$%&'*+-.^_`|~:/");
  }

  private static boolean isOneOf(int c, String characters) {
    return c != END && characters.indexOf(c) >= 0;
  }

  private static boolean isLower(int c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private boolean take(char c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  private void skipSpaces() {
    while (peek() == ' ') {
      at++;
    }
  }

  private void skipOptionalWhitespace() {
    while (peek() == ' ' || peek() == '\t') {
      at++;
    }
  }
}
