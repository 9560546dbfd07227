package dev.gatehouse.cli;

import dev.gatehouse.cli.JsonLine.UnreadableException;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a case from a line of JSON, strictly: an unknown key, a wrong type, a key that stands twice
 * and bytes that are not UTF-8 are each an {@link UnreadableException}.
 *
 * <p>Not for several threads at a time.
 */
final class CaseReader {
  private final JsonLine lines = new JsonLine();

  /** Reads a case. */
  Case read(byte[] line, int length) throws UnreadableException {
    Map<?, ?> tree = lines.object(line, length);
    Problems problems = new Problems();
    Case read = read(StrictJson.object(tree, "", problems));
    if (!problems.isEmpty()) {
      throw new UnreadableException(JsonLine.join(problems));
    }
    return read;
  }

  /** The case's id, if it can be made out of a line that is not a good one otherwise. */
  @Nullable String idOf(byte[] line, int length) {
    return lines.idOf(line, length);
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
}
