package dev.gatehouse.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a case from a line of JSON, strictly: an unknown key, a wrong type, a key that stands twice
 * and bytes that are not UTF-8 are each an {@link UnreadableException}.
 *
 * <p>Not for several threads at a time.
 */
final class CaseReader {
  /** Thrown for a line that cannot be read; its message repeats no value of the line. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message, null, false, false);
    }
  }

  private final ObjectMapper json = Json.mapper();
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private final CharBuffer scratch = CharBuffer.allocate(1 << 12);

  /** Reads a case. */
  Case read(byte[] line, int length) throws UnreadableException {
    if (!isText(line, length)) {
      throw new UnreadableException("the line is not UTF-8 text");
    }
    Object tree = tree(line, length);
    if (!(tree instanceof Map)) {
      throw new UnreadableException("the line is not a JSON object");
    }
    Problems problems = new Problems();
    Case read = read(StrictJson.object(tree, "", problems));
    if (!problems.isEmpty()) {
      throw new UnreadableException(join(problems));
    }
    return read;
  }

  /** The case's id, if it can be made out of a line that is not a good one otherwise. */
  @Nullable String idOf(byte[] line, int length) {
    if (length == 0 || line[0] == 0 || (length > 1 && line[1] == 0)) {
      return null;
    }
    try (JsonParser parser = json.getFactory().createParser(line, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals("case");
        JsonToken value = parser.nextToken();
        if (found) {
          return value == JsonToken.VALUE_STRING ? parser.getText() : null;
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException unreadable) {
      return null;
    }
  }

  // A zero byte would make Jackson take the line for UTF-16 or UTF-32, and JSON knows none.
  private boolean isText(byte[] line, int length) {
    int at = 0;
    while (at < length && line[at] > 0) {
      at++;
    }
    if (at == length) {
      return true;
    }
    ByteBuffer rest = ByteBuffer.wrap(line, at, length - at);
    utf8.reset();
    while (true) {
      scratch.clear();
      CoderResult result = utf8.decode(rest, scratch, true);
      if (result.isError()) {
        return false;
      }
      for (int i = 0; i < scratch.position(); i++) {
        if (scratch.get(i) == 0) {
          return false;
        }
      }
      if (result.isUnderflow()) {
        return true;
      }
    }
  }

  private @Nullable Object tree(byte[] line, int length) throws UnreadableException {
    try {
      return json.readValue(line, 0, length, Object.class);
    } catch (StreamConstraintsException e) {
      throw new UnreadableException("a text, a number or a nesting in the line is too long");
    } catch (JsonProcessingException e) {
      // Jackson's own messages quote the line, and the line holds secrets.
      String what =
          e.getOriginalMessage().startsWith("Duplicate field")
              ? "a key stands twice in one object"
              : "the line is not JSON";
      String where = e.getLocation() == null ? "" : ", at column " + e.getLocation().getColumnNr();
      throw new UnreadableException(what + where);
    } catch (IOException e) {
      throw new UnreadableException("the line is not JSON");
    }
  }

  private static Case read(StrictJson in) {
    String id = in.string("case").orElse(null);
    Object scheme = scheme(in);
    List<String> secrets = in.strings("secrets");
    Map<String, String> params = in.stringMap("params");
    boolean keys = params.containsKey("jwks") || params.containsKey("certificate");
    if (!in.has("secrets") && !keys) {
      in.problem("secrets", "is missing: give at least one");
    }
    String method = in.string("method", "POST");
    String url = in.string("url", "");
    Headers headers = headers(in);
    byte[] body = body(in);
    Optional<Instant> now = now(in);
    in.close();
    WebhookRequest request = WebhookRequest.of(method, url, headers, body);
    return new Case(id, scheme, secrets, params, request, now);
  }

  private static Object scheme(StrictJson in) {
    Object scheme = in.any("scheme").orElse(null);
    if (scheme == null) {
      in.problem("scheme", "is missing: give a name, or a scheme as an object");
    } else if (!(scheme instanceof String) && !(scheme instanceof Map)) {
      in.problem("scheme", "must be a name, or a scheme as an object");
    }
    return scheme == null ? "" : scheme;
  }

  private static Headers headers(StrictJson in) {
    Object value = in.any("headers").orElse(List.of());
    List<Header> headers = new ArrayList<>();
    if (!(value instanceof List<?> list)) {
      in.problem("headers", "must be a list of [name, value]");
      return Headers.of(headers);
    }
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) instanceof List<?> pair
          && pair.size() == 2
          && pair.get(0) instanceof String name
          && pair.get(1) instanceof String text
          && !name.isEmpty()) {
        headers.add(new Header(name, text));
      } else {
        in.problem("headers[" + i + "]", "must be [name, value], both texts");
      }
    }
    return Headers.of(headers);
  }

  private static byte[] body(StrictJson in) {
    Optional<String> text = in.string("body");
    Optional<String> base64 = in.string("body_base64");
    if (text.isPresent() && base64.isPresent()) {
      in.problem("body_base64", "excludes body: give one of them");
    }
    if (base64.isPresent()) {
      return decoded(in, base64.get());
    }
    if (text.isEmpty()) {
      return new byte[0];
    }
    if (hasLoneSurrogate(text.get())) {
      in.problem("body", "holds half of a surrogate pair, which no UTF-8 has: use body_base64");
    }
    return text.get().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] decoded(StrictJson in, String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      // The decoder lets padding be missing and stray bits pass; one body has one spelling here.
      if (base64.length() % 4 == 0 && Base64.getEncoder().encodeToString(bytes).equals(base64)) {
        return bytes;
      }
    } catch (IllegalArgumentException notBase64) {
      // reported below
    }
    in.problem("body_base64", "must be base64 with padding (RFC 4648, section 4)");
    return new byte[0];
  }

  private static boolean hasLoneSurrogate(String text) {
    // A pair comes as one code point above these.
    return text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  private static Optional<Instant> now(StrictJson in) {
    Object value = in.any("now").orElse(null);
    if (value == null) {
      return Optional.empty();
    }
    Optional<Instant> now = Optional.empty();
    if (value instanceof String text) {
      now = Moment.rfc3339(text);
    } else if (value instanceof BigDecimal number) {
      now = Moment.ofSeconds(number);
    } else if (value instanceof Integer || value instanceof Long) {
      now = Moment.ofSeconds(BigDecimal.valueOf(((Number) value).longValue()));
    } else if (value instanceof BigInteger number) {
      now = Moment.ofSeconds(new BigDecimal(number));
    }
    if (now.isEmpty()) {
      in.problem("now", Moment.FORM + ", in the years 0 to 9999");
    }
    return now;
  }

  static String join(Problems problems) {
    return problems.all().stream()
        .map(Problems.Problem::toString)
        .limit(10)
        .collect(Collectors.joining("; "));
  }
}
