package dev.gatehouse.events.filter;

import dev.gatehouse.events.filter.Condition.Operator;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the text form of a filter, by descent; how deep it goes is bounded before it goes there.
 */
final class FilterParser {
  private final Tokens tokens;
  private final FilterBounds bounds = new FilterBounds();

  private FilterParser(String text) {
    this.tokens = new Tokens(text);
  }

  static Condition parse(String text) {
    FilterParser parser = new FilterParser(text);
    if (parser.tokens.kind() == Tokens.Kind.END) {
      throw new FilterException(0, "empty: leave it out, if every event is wanted");
    }
    Condition condition = parser.either(1);
    if (parser.tokens.kind() != Tokens.Kind.END) {
      throw new FilterException(
          parser.tokens.position(), "the filter could end here: 'and' or 'or' is expected");
    }
    return FilterBounds.affordable(condition);
  }

  private Condition either(int depth) {
    List<Condition> parts = new ArrayList<>();
    parts.add(both(depth));
    while (tokens.isWord("or")) {
      tokens.advance();
      parts.add(both(depth));
    }
    return parts.size() == 1 ? parts.get(0) : new Condition.Or(List.copyOf(parts));
  }

  private Condition both(int depth) {
    List<Condition> parts = new ArrayList<>();
    parts.add(contrary(depth));
    while (tokens.isWord("and")) {
      tokens.advance();
      parts.add(contrary(depth));
    }
    return parts.size() == 1 ? parts.get(0) : new Condition.And(List.copyOf(parts));
  }

  private Condition contrary(int depth) {
    FilterBounds.depth(depth, tokens.position());
    if (!tokens.isWord("not")) {
      return primary(depth);
    }
    bounds.condition(tokens.position());
    tokens.advance();
    return new Condition.Not(contrary(depth + 1));
  }

  private Condition primary(int depth) {
    if (tokens.isSign("(")) {
      tokens.advance();
      Condition inner = either(depth + 1);
      tokens.expectSign(")");
      return inner;
    }
    bounds.condition(tokens.position());
    if (tokens.kind() == Tokens.Kind.WORD && tokens.opens() && !tokens.isWord("in")) {
      return call();
    }
    return comparison();
  }

  private Condition call() {
    String name = tokens.text();
    int position = tokens.position();
    tokens.advance();
    tokens.expectSign("(");
    FieldPath path = path();
    Condition condition =
        switch (name) {
          case "exists" -> new Condition.Exists(path);
          case "prefix" -> new Condition.Prefix(path, second());
          case "suffix" -> new Condition.Suffix(path, second());
          default ->
              throw new FilterException(position, "only exists, prefix and suffix are called");
        };
    tokens.expectSign(")");
    return condition;
  }

  private String second() {
    tokens.expectSign(",");
    if (tokens.kind() != Tokens.Kind.TEXT) {
      throw new FilterException(tokens.position(), "a text in single quotes is expected here");
    }
    String text = tokens.text();
    tokens.advance();
    return text;
  }

  private Condition comparison() {
    FieldPath path = path();
    if (tokens.isWord("in")) {
      tokens.advance();
      return new Condition.In(path, list());
    }
    Operator operator = tokens.kind() == Tokens.Kind.SIGN ? Operator.of(tokens.text()) : null;
    if (operator == null) {
      throw new FilterException(
          tokens.position(), "one of =, !=, <, <=, >, >= or 'in' is expected here");
    }
    tokens.advance();
    return new Condition.Compare(path, operator, literal());
  }

  private List<Literal> list() {
    tokens.expectSign("(");
    List<Literal> literals = new ArrayList<>();
    literals.add(literal());
    while (tokens.isSign(",")) {
      tokens.advance();
      FilterBounds.literals(literals.size() + 1, tokens.position());
      literals.add(literal());
    }
    tokens.expectSign(")");
    return List.copyOf(literals);
  }

  private FieldPath path() {
    if (tokens.kind() != Tokens.Kind.WORD) {
      throw new FilterException(tokens.position(), "a field is expected here");
    }
    try {
      FieldPath path = FieldPath.of(tokens.text());
      tokens.advance();
      return path;
    } catch (FilterException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new FilterException(tokens.position(), String.valueOf(e.getMessage()));
    }
  }

  private Literal literal() {
    String text = tokens.text();
    Object value =
        switch (tokens.kind()) {
          case TEXT -> text;
          case NUMBER -> tokens.number(text);
          case WORD -> truth(text);
          default -> throw expected();
        };
    tokens.advance();
    return new Literal(value);
  }

  private Boolean truth(String word) {
    return switch (word) {
      case "true" -> Boolean.TRUE;
      case "false" -> Boolean.FALSE;
      default -> throw expected();
    };
  }

  private FilterException expected() {
    return new FilterException(
        tokens.position(), "a text in single quotes, a number, true or false is expected here");
  }
}
