package dev.gatehouse.webhook.keys;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a small JSON object that somebody else wrote, or nothing of it: a member that comes twice,
 * bytes that are not UTF-8, deep nesting, long numbers and anything after the object refuse it
 * whole, because another reader might see another object.
 */
public final class JsonText {
  private static final int MAX_DEPTH = 10;
  private static final int MAX_NUMBER = 20;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonText() {}

  /** The object's members; empty if the bytes are not exactly one JSON object. */
  public static Optional<Map<?, ?>> object(byte[] utf8) {
    try {
      // Jackson would guess other encodings from the first bytes, and repair malformed ones.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      Object value = JSON.readValue(text, Object.class);
      return value instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
    } catch (CharacterCodingException | JsonProcessingException unreadable) {
      return Optional.empty();
    }
  }
}
