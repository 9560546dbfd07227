package dev.gatehouse.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * Writes each log event as one JSON object on one line: time, level, logger, thread and message,
 * then the event's own keys, such as {@code delivery} and {@code source}, by their names.
 */
final class JsonLines extends EncoderBase<ILoggingEvent> {
  private static final JsonStringEncoder JSON = JsonStringEncoder.getInstance();
  private static final byte[] NOTHING = {};
  private static final Set<String> OURS =
      Set.of("time", "level", "logger", "thread", "message", "error");

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(256).append('{');
    add(line, "time", event.getInstant().toString());
    add(line, "level", event.getLevel().toString());
    add(line, "logger", event.getLoggerName());
    add(line, "thread", event.getThreadName());
    add(line, "message", event.getFormattedMessage());
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      for (KeyValuePair pair : pairs) {
        if (pair.value != null) {
          add(line, OURS.contains(pair.key) ? pair.key + "_" : pair.key, pair.value.toString());
        }
      }
    }
    if (event.getThrowableProxy() != null) {
      add(line, "error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return line.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void add(StringBuilder line, String key, String value) {
    line.append(line.length() == 1 ? "\"" : ",\"");
    JSON.quoteAsString(key, line);
    line.append("\":\"");
    JSON.quoteAsString(value, line);
    line.append('"');
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
