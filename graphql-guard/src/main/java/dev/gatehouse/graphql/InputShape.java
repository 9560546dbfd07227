package dev.gatehouse.graphql;

import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How large the variables of a request are, found before anything that recurses reads them.
 *
 * <p>A value that contains itself is infinitely deep.
 *
 * @param bytes as compact JSON in UTF-8
 * @param depth how deep lists and objects nest; a number or a text has depth 0
 * @param listLength the elements of the longest list
 */
record InputShape(long bytes, int depth, int listLength) {
  /** What nothing that recurses over values is given. */
  static final int MAX_DEPTH = 200;

  static final InputShape NONE = new InputShape(2, 0, 0);

  private record Open(@Nullable Object value, int depth) {}

  static InputShape of(Map<String, ?> variables) {
    if (variables.isEmpty()) {
      return NONE;
    }
    ArrayDeque<Open> open = new ArrayDeque<>();
    // the map itself is no value of the request's: its members begin at depth 0
    long bytes = members(variables, 0, open);
    int depth = 0;
    int length = 0;
    while (!open.isEmpty() && depth <= MAX_DEPTH) {
      Open next = open.pop();
      Collection<?> list = list(next.value);
      if (list != null) {
        length = Math.max(length, list.size());
        depth = Math.max(depth, next.depth + 1);
        list.forEach(each -> open.push(new Open(each, next.depth + 1)));
        bytes += 2L + Math.max(0, list.size() - 1);
      } else if (next.value instanceof Map<?, ?> map) {
        depth = Math.max(depth, next.depth + 1);
        bytes += members(map, next.depth + 1, open);
      } else {
        bytes += leaf(next.value);
      }
    }
    return new InputShape(bytes, depth, length);
  }

  private static long members(Map<?, ?> map, int depth, ArrayDeque<Open> open) {
    long bytes = 2L + Math.max(0, map.size() - 1);
    for (Map.Entry<?, ?> member : map.entrySet()) {
      bytes += text(String.valueOf(member.getKey())) + 1;
      open.push(new Open(member.getValue(), depth));
    }
    return bytes;
  }

  private static @Nullable Collection<?> list(@Nullable Object value) {
    if (value instanceof Collection<?> many) {
      return many;
    }
    if (value instanceof Object[] array) {
      return java.util.Arrays.asList(array);
    }
    return null;
  }

  private static long leaf(@Nullable Object value) {
    if (value instanceof CharSequence chars) {
      return text(chars);
    }
    if (value != null && value.getClass().isArray()) {
      return Array.getLength(value);
    }
    return value instanceof Number || value instanceof Boolean || value == null
        ? String.valueOf(value).length()
        : 2;
  }

  private static long text(CharSequence text) {
    long bytes = 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20) {
        bytes += 6;
      } else if (c == '"' || c == '\\') {
        bytes += 2;
      } else if (c < 0x80) {
        bytes += 1;
      } else {
        // a surrogate is half of four bytes
        bytes += c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
      }
    }
    return bytes;
  }
}
