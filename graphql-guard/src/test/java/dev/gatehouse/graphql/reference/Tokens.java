package dev.gatehouse.graphql.reference;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the lexical tokens of a document, as the specification has them. */
final class Tokens {
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");
  private static final int NONE = -1;

  private Tokens() {}

  /**
   * How many there are; empty where a string is never closed, of which graphql-java makes strings
   * of its own.
   */
  static OptionalInt count(String text) {
    int tokens = 0;
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (" \t\r\n,\uFEFF".indexOf(c) >= 0) {
        at++;
      } else if (c == '#') {
        at = lineEnd(text, at);
      } else {
        at = end(text, at);
        tokens++;
      }
      if (at == NONE) {
        return OptionalInt.empty();
      }
    }
    return OptionalInt.of(tokens);
  }

  private static int lineEnd(String text, int at) {
    int end = at;
    while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
      end++;
    }
    return end;
  }

  private static int end(String text, int at) {
    if (text.startsWith("...", at)) {
      return at + 3;
    }
    if (text.startsWith("\"\"\"", at)) {
      return blockEnd(text, at + 3);
    }
    if (text.charAt(at) == '"') {
      int end = at + 1;
      while (end < text.length() && text.charAt(end) != '"') {
        end += text.charAt(end) == '\\' ? 2 : 1;
      }
      return end < text.length() ? end + 1 : NONE;
    }
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if (number.lookingAt()) {
      return number.end();
    }
    int end = at + 1;
    while (isWord(text.charAt(at)) && end < text.length() && isWord(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static int blockEnd(String text, int at) {
    int end = at;
    while (end < text.length() && !text.startsWith("\"\"\"", end)) {
      end += text.startsWith("\\\"\"\"", end) ? 4 : 1;
    }
    return end < text.length() ? end + 3 : NONE;
  }

  private static boolean isWord(char c) {
    return c < 128 && (Character.isLetterOrDigit(c) || c == '_');
  }
}
