package dev.gatehouse.graphql.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads requests out of bodies and URLs, whole or not at all. */
final class RequestReader {
  private static final List<String> PARAMETERS =
      List.of("query", "operationName", "variables", "extensions", "documentId");

  private RequestReader() {}

  /**
   * What a body asks for.
   *
   * @param requests one, or those of a batch
   * @param isBatch whether it is one
   */
  record Asked(List<OperationRequest> requests, boolean isBatch) {}

  /** Empty if the body is no request, or a batch larger than allowed. */
  static Optional<Asked> ofBody(Buffer body, int maxBatch) {
    Object value = OperationRequest.JSON.value(body.getBytes()).orElse(null);
    if (!(value instanceof List<?> batch)) {
      return request(value).map(one -> new Asked(List.of(one), false));
    }
    if (batch.isEmpty() || batch.size() > maxBatch) {
      return Optional.empty();
    }
    List<OperationRequest> requests = new ArrayList<>();
    batch.forEach(each -> request(each).ifPresent(requests::add));
    return requests.size() == batch.size()
        ? Optional.of(new Asked(requests, true))
        : Optional.empty();
  }

  @SuppressWarnings("unchecked") // maps of the reader have texts as names
  private static Optional<OperationRequest> request(@Nullable Object value) {
    return value instanceof Map
        ? OperationRequest.of((Map<String, @Nullable Object>) value)
        : Optional.empty();
  }

  /** Whether a URL carries what belongs into the body of a POST. */
  static boolean hasParameters(MultiMap query) {
    return PARAMETERS.stream().anyMatch(query::contains);
  }

  /**
   * Whether a URL's query is ASCII, and the bytes that it escapes are UTF-8; what is not would be
   * read as something that nobody wrote.
   */
  static boolean isUtf8(String query) {
    byte[] bytes = new byte[query.length()];
    int length = 0;
    for (int i = 0; i < query.length(); i++) {
      int c = query.charAt(i);
      if (c == '%') {
        c = i + 2 < query.length() ? hex(query.charAt(i + 1)) * 16 + hex(query.charAt(i + 2)) : -1;
        i += 2;
      } else if (c > 0x7F) {
        c = -1;
      }
      if (c < 0) {
        return false;
      }
      bytes[length++] = (byte) c;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length));
      return true;
    } catch (CharacterCodingException notUtf8) {
      return false;
    }
  }

  private static int hex(char digit) {
    return HexFormat.isHexDigit(digit) ? HexFormat.fromHexDigit(digit) : -1_000;
  }

  /** Empty if the parameters of a URL are no request, or one comes twice. */
  static Optional<OperationRequest> ofQuery(MultiMap query) {
    Map<String, @Nullable Object> members = new HashMap<>();
    for (String name : PARAMETERS) {
      List<String> values = query.getAll(name);
      if (values.size() > 1) {
        return Optional.empty();
      }
      // an empty one is none (GraphQL over HTTP, "GET")
      if (values.isEmpty() || (values.get(0).isEmpty() && !name.equals("query"))) {
        continue;
      }
      boolean isJson = name.equals("variables") || name.equals("extensions");
      Optional<Object> value = isJson ? json(values.get(0)) : Optional.of((Object) values.get(0));
      if (value.isEmpty()) {
        return Optional.empty();
      }
      members.put(name, value.get());
    }
    return OperationRequest.of(members);
  }

  private static Optional<Object> json(String text) {
    return text.equals("null")
        ? Optional.of(Map.of())
        : OperationRequest.JSON.value(text.getBytes(StandardCharsets.UTF_8));
  }
}
