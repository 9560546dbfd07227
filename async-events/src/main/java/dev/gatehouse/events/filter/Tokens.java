package dev.gatehouse.events.filter;

import java.math.BigDecimal;

/** Reads the text of a filter one token at a time. */
final class Tokens {
  enum Kind {
    WORD,
    TEXT,
    NUMBER,
    SIGN,
    END
  }

  private static final int MAX_NUMBER = 32;

  private final String source;
  private int next;
  private Kind kind = Kind.END;
  private String text = "";
  private int start;

  Tokens(String source) {
    FilterBounds.text(source.length());
    this.source = source;
    advance();
  }

  Kind kind() {
    return kind;
  }

  /** The token's text; of a quoted text, its content. */
  String text() {
    return text;
  }

  /** Where the token begins, from 1. */
  int position() {
    return start + 1;
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  boolean isSign(String sign) {
    return kind == Kind.SIGN && text.equals(sign);
  }

  /** Whether an opening bracket follows this token. */
  boolean opens() {
    int after = next;
    while (after < source.length() && isBlank(source.charAt(after))) {
      after++;
    }
    return after < source.length() && source.charAt(after) == '(';
  }

  void expectSign(String sign) {
    if (!isSign(sign)) {
      throw new FilterException(position(), "'" + sign + "' is expected here");
    }
    advance();
  }

  void advance() {
    while (next < source.length() && isBlank(source.charAt(next))) {
      next++;
    }
    start = next;
    if (next == source.length()) {
      take(Kind.END, next);
      return;
    }
    char c = source.charAt(next);
    if (c == '\'') {
      quoted();
    } else if (isDigit(c) || c == '-') {
      number();
    } else if (FieldPath.isPart(c)) {
      take(Kind.WORD, endOf(at -> FieldPath.isPart(at) || at == '.'));
    } else {
      sign(c);
    }
  }

  private void sign(char c) {
    boolean pair = (c == '<' || c == '>' || c == '!') && next + 1 < source.length();
    int length = pair && source.charAt(next + 1) == '=' ? 2 : 1;
    if ("=<>(),".indexOf(c) < 0 && length == 1) {
      throw new FilterException(position(), "a character that means nothing here");
    }
    take(Kind.SIGN, next + length);
  }

  private void quoted() {
    StringBuilder content = new StringBuilder();
    int at = next + 1;
    while (at < source.length()) {
      char c = source.charAt(at);
      boolean doubled = c == '\'' && at + 1 < source.length() && source.charAt(at + 1) == '\'';
      if (c == '\'' && !doubled) {
        kind = Kind.TEXT;
        text = content.toString();
        next = at + 1;
        return;
      }
      content.append(c);
      at += doubled ? 2 : 1;
    }
    throw new FilterException(position(), "a text that does not end: close it with '");
  }

  private void number() {
    take(Kind.NUMBER, endOf(at -> isDigit(at) || "+-.eE".indexOf(at) >= 0));
    if (text.length() > MAX_NUMBER) {
      throw new FilterException(position(), "a number of more than " + MAX_NUMBER + " characters");
    }
    boolean json = text.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,4})?");
    if (!json || !Double.isFinite(Double.parseDouble(text))) {
      throw new FilterException(position(), "not a number as JSON writes them");
    }
  }

  /** The number here, as JSON data would hold it. */
  Object number(String written) {
    if (written.matches("-?[0-9]+")) {
      BigDecimal whole = new BigDecimal(written);
      if (whole.compareTo(BigDecimal.valueOf(Long.MIN_VALUE)) >= 0
          && whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0) {
        return whole.longValueExact();
      }
      return whole.toBigInteger();
    }
    return Double.parseDouble(written);
  }

  private interface CharTest {
    boolean test(char c);
  }

  private int endOf(CharTest part) {
    int end = next;
    while (end < source.length() && part.test(source.charAt(end))) {
      end++;
    }
    return end;
  }

  private void take(Kind found, int end) {
    kind = found;
    text = source.substring(start, end);
    next = end;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
