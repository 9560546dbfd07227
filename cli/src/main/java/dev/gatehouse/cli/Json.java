package dev.gatehouse.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON as this tool reads and writes it: strict on the way in, one line on the way out. */
final class Json {
  /** The longest text that is read, and so the longest line. */
  static final int MAX_CHARS = 64 << 20;

  private Json() {}

  /** A reader that takes each key once, and nothing after the value. */
  static ObjectMapper mapper() {
    JsonFactory factory =
        new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Names come from whoever wrote the file: they are not kept for ever.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .characterEscapes(new Escapes())
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxStringLength(MAX_CHARS)
                    .maxNestingDepth(200)
                    .build())
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .build();
  }

  /** A value on one line. */
  static String line(Object value) {
    try {
      return mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a value that cannot be JSON", e);
    }
  }
}
