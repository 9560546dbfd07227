package dev.gatehouse.graphql.reference;

/** Counts the lexical tokens of a document that parses. */
final class Tokens {
  private Tokens() {}

  static int count(String text) {
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
    }
    return tokens;
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
      while (text.charAt(end) != '"') {
        end += text.charAt(end) == '\\' ? 2 : 1;
      }
      return end + 1;
    }
    if (!isWord(text.charAt(at)) && text.charAt(at) != '-') {
      return at + 1;
    }
    boolean number = text.charAt(at) == '-' || Character.isDigit(text.charAt(at));
    int end = at + 1;
    while (end < text.length()
        && (isWord(text.charAt(end)) || (number && ".+-".indexOf(text.charAt(end)) >= 0))) {
      end++;
    }
    return end;
  }

  // graphql-java takes the longest token that there is: where three quotes are never closed, the
  // first two are a string of their own
  private static int blockEnd(String text, int at) {
    int end = at;
    while (end < text.length() && !text.startsWith("\"\"\"", end)) {
      end += text.startsWith("\\\"\"\"", end) ? 4 : 1;
    }
    return end < text.length() ? end + 3 : at - 1;
  }

  private static boolean isWord(char c) {
    return c < 128 && (Character.isLetterOrDigit(c) || c == '_');
  }
}
