package dev.gatehouse.graphql;

/**
 * What a document's text shows before it is parsed: its lexical tokens and how deep its brackets
 * nest.
 *
 * <p>One pass over the characters, which keeps nothing and cannot fail; what is no token is left to
 * the parser and counts as one. A parser recurses into brackets, so their depth is asked for first.
 *
 * @param tokens tokens of the GraphQL specification; no comments, commas or white space
 * @param nesting the deepest nesting of brackets of any kind
 * @param slow characters for each of which ANTLR's lexer works out its state anew: those beyond
 *     ASCII, and those of a number after its first {@value #PLAIN_NUMBER}
 * @param moved how often graphql-java moves a line when it takes away those that are blank at the
 *     beginning of block strings, one after the other
 */
record DocumentScan(long tokens, int nesting, long slow, long moved) {
  /** As long as a number is that a long holds. */
  private static final int PLAIN_NUMBER = 20;

  static DocumentScan of(String text) {
    Scanner scanner = new Scanner(text);
    while (scanner.next()) {
      // counted as it goes
    }
    return new DocumentScan(
        scanner.tokens, scanner.deepest, scanner.longNumbers + wide(text), scanner.moved);
  }

  private static int wide(String text) {
    int wide = 0;
    for (int i = 0; i < text.length(); i++) {
      wide += text.charAt(i) > 0x7F ? 1 : 0;
    }
    return wide;
  }

  private static final class Scanner {
    private final String text;
    private int at;
    private long tokens;
    private int depth;
    private int deepest;
    private long longNumbers;
    private long moved;

    Scanner(String text) {
      this.text = text;
    }

    boolean next() {
      if (at >= text.length()) {
        return false;
      }
      char c = text.charAt(at);
      if (c == '#') {
        comment();
      } else if (isIgnored(c)) {
        at++;
      } else {
        tokens++;
        token(c);
      }
      return true;
    }

    private static boolean isIgnored(char c) {
      return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '\uFEFF';
    }

    private void comment() {
      while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
        at++;
      }
    }

    private void token(char c) {
      switch (c) {
        case '{', '[', '(' -> {
          deepest = Math.max(deepest, ++depth);
          at++;
        }
        case '}', ']', ')' -> {
          depth--;
          at++;
        }
        case '"' -> string();
        case '.' -> at += text.startsWith("...", at) ? 3 : 1;
        default -> word(c);
      }
    }

    private void word(char c) {
      int begin = at++;
      if (isName(c)) {
        while (at < text.length() && isName(text.charAt(at))) {
          at++;
        }
      }
      // a number's fraction, exponent and signs belong to it; a spread after it does not
      if (c == '-' || (c >= '0' && c <= '9')) {
        while (at < text.length() && isNumber(at)) {
          at++;
        }
        longNumbers += Math.max(0, at - begin - PLAIN_NUMBER);
      }
    }

    private static boolean isName(char c) {
      return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private boolean isNumber(int index) {
      char c = text.charAt(index);
      boolean isPoint = c == '.' && !text.startsWith("...", index);
      boolean isSign = (c == '+' || c == '-') && "eE".indexOf(text.charAt(index - 1)) >= 0;
      return (c >= '0' && c <= '9') || c == 'e' || c == 'E' || isPoint || isSign;
    }

    private void string() {
      if (text.startsWith("\"\"\"", at)) {
        block();
        return;
      }
      at++;
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"' || c == '\n' || c == '\r') {
          return;
        }
        if (c == '\\') {
          at++;
        }
      }
    }

    private void block() {
      at += 3;
      long lines = 1;
      long blank = 0;
      boolean isBlank = true;
      while (at < text.length() && !text.startsWith("\"\"\"", at)) {
        char c = text.charAt(at);
        if (c == '\n') {
          lines++;
          blank += isBlank ? 1 : 0;
        } else {
          isBlank &= c == ' ' || c == '\t';
        }
        at += text.startsWith("\\\"\"\"", at) ? 4 : 1;
      }
      at += 3;
      moved += blank * lines;
    }
  }
}
