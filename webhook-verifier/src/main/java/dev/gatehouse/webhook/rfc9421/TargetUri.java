package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.MessageRefusal.RefusedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is derived from a message's control data (RFC 9421, section 2.2). */
final class TargetUri {
  private static final int MAX_QUERY = 8_192;
  private static final String UNESCAPED = "*-._";

  private final HttpMessage message;
  private final String scheme;
  private final String authority;
  private final String path;
  private final @Nullable String query;
  private @Nullable Map<String, List<String>> parameters;

  private TargetUri(
      HttpMessage message, String scheme, String authority, String path, @Nullable String query) {
    this.message = message;
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
    this.query = query;
  }

  static TargetUri of(HttpMessage message) {
    String url = message.url();
    int fragment = url.indexOf('#');
    String target = fragment < 0 ? url : url.substring(0, fragment);
    int scheme = target.indexOf("://");
    if (!isScheme(target, scheme)) {
      return new TargetUri(message, "", "", "", null);
    }
    int start = scheme + 3;
    int end = start;
    while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
      end++;
    }
    int question = target.indexOf('?', end);
    String path = target.substring(end, question < 0 ? target.length() : question);
    String name = target.substring(0, scheme).toLowerCase(Locale.ROOT);
    return new TargetUri(
        message,
        name,
        authority(name, target.substring(start, end)),
        path.isEmpty() ? "/" : path,
        question < 0 ? null : target.substring(question + 1));
  }

  // In /path?back=https://host there is one further on, which whoever sends the request chose.
  private static boolean isScheme(String target, int end) {
    for (int i = 0; i < end; i++) {
      char c = target.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (i == 0 || ((c < '0' || c > '9') && "+-.".indexOf(c) < 0))) {
        return false;
      }
    }
    return end > 0;
  }

  // Whoever writes user@host does not sign what another reads as host: such a URL gives nothing.
  private static String authority(String scheme, String text) {
    if (text.indexOf('@') >= 0) {
      return "";
    }
    String lower = text.toLowerCase(Locale.ROOT);
    String port = scheme.equals("https") ? ":443" : ":80";
    boolean known = scheme.equals("https") || scheme.equals("http");
    if (known && lower.endsWith(port)) {
      return lower.substring(0, lower.length() - port.length());
    }
    return lower.endsWith(":") ? lower.substring(0, lower.length() - 1) : lower;
  }

  String value(SignatureComponent component) throws RefusedException {
    if (component.name().equals("@status")) {
      if (!message.isResponse()) {
        throw SignatureBase.unusable(component, "is for responses only");
      }
      return Integer.toString(message.status());
    }
    if (message.isResponse()) {
      throw SignatureBase.unusable(component, "is for requests only");
    }
    if (component.name().equals("@method")) {
      return message.method();
    }
    if (authority.isEmpty()) {
      throw SignatureBase.unusable(component, "cannot be told: the request's URL is not known");
    }
    return switch (component.name()) {
      case "@target-uri" -> withoutFragment();
      case "@authority" -> authority;
      case "@scheme" -> scheme;
      case "@request-target" -> path + (query == null ? "" : "?" + query);
      case "@path" -> path;
      case "@query" -> "?" + (query == null ? "" : query);
      default -> parameter(component);
    };
  }

  private String withoutFragment() {
    int fragment = message.url().indexOf('#');
    return fragment < 0 ? message.url() : message.url().substring(0, fragment);
  }

  // Section 2.2.8: pairs as a form's parser reads them, each written again in one way; a name that
  // comes twice must not be covered, since readers differ in which of them counts.
  private String parameter(SignatureComponent component) throws RefusedException {
    if (query != null && query.length() > MAX_QUERY) {
      throw SignatureBase.unusable(component, "cannot be told: the query is too long");
    }
    Map<String, List<String>> known = parameters == null ? read(component) : parameters;
    parameters = known;
    List<String> values = known.getOrDefault(component.text("name"), List.of());
    if (values.size() > 1) {
      throw SignatureBase.unusable(component, "comes more than once");
    }
    if (values.isEmpty()) {
      throw SignatureBase.unusable(component, "is not in the query");
    }
    return canonical(component, values.get(0));
  }

  // Once for all components: a signature may name as many as it likes, whoever made it.
  private Map<String, List<String>> read(SignatureComponent component) throws RefusedException {
    Map<String, List<String>> read = new HashMap<>();
    String text = query == null ? "" : query;
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('&', at);
      String pair = text.substring(at, end < 0 ? text.length() : end);
      at = end < 0 ? text.length() : end + 1;
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = canonical(component, equals < 0 ? pair : pair.substring(0, equals));
        read.computeIfAbsent(name, first -> new ArrayList<>(1))
            .add(equals < 0 ? "" : pair.substring(equals + 1));
      }
    }
    return read;
  }

  private static String canonical(SignatureComponent component, String text)
      throws RefusedException {
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer decoded = ByteBuffer.allocate(raw.length);
    for (int i = 0; i < raw.length; i++) {
      int value = raw[i] == '%' && i + 2 < raw.length ? hex(raw[i + 1], raw[i + 2]) : -1;
      if (value >= 0) {
        i += 2;
      }
      decoded.put((byte) (value >= 0 ? value : raw[i] == '+' ? ' ' : raw[i]));
    }
    decoded.flip();
    try {
      // A form's parser would put U+FFFD for what is not UTF-8: many texts with one reading.
      StandardCharsets.UTF_8.newDecoder().decode(decoded.duplicate());
    } catch (CharacterCodingException e) {
      throw SignatureBase.unusable(component, "cannot be told: the query is not UTF-8");
    }
    return encoded(decoded);
  }

  private static int hex(byte high, byte low) {
    int first = Character.digit((char) high, 16);
    int second = Character.digit((char) low, 16);
    return first < 0 || second < 0 ? -1 : first << 4 | second;
  }

  private static String encoded(ByteBuffer bytes) {
    StringBuilder text = new StringBuilder(bytes.remaining());
    while (bytes.hasRemaining()) {
      int c = bytes.get() & 0xFF;
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || UNESCAPED.indexOf(c) >= 0;
      if (plain) {
        text.append((char) c);
      } else {
        text.append('%').append(upper(c >> 4)).append(upper(c & 15));
      }
    }
    return text.toString();
  }

  private static char upper(int digit) {
    return "0123456789ABCDEF".charAt(digit);
  }
}
