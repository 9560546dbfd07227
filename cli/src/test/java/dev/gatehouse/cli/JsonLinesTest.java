package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
  private final LoggerContext context = new LoggerContext();
  private final Logger logger = context.getLogger("gatehouse.deliveries");
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();

  JsonLinesTest() {
    events.setContext(context);
    events.start();
    logger.addAppender(events);
  }

  private JsonNode onlyLine() throws Exception {
    String text = new String(new JsonLines().encode(events.list.get(0)), StandardCharsets.UTF_8);
    assertThat(text).endsWith("}\n").containsOnlyOnce("\n");
    return Json.mapper().readTree(text);
  }

  @Test
  void event_withKeys_isOneObjectWithThemByName() throws Exception {
    logger
        .atWarn()
        .addKeyValue("delivery", "dlv_1")
        .addKeyValue("attempt", 3)
        .addKeyValue("status", (Object) null)
        .log("given up: {}", "why");
    JsonNode line = onlyLine();

    assertThat(line.get("message").asText()).isEqualTo("given up: why");
    assertThat(line.get("delivery").asText()).isEqualTo("dlv_1");
    assertThat(line.get("attempt").asText()).isEqualTo("3");
    assertThat(line.get("level").asText()).isEqualTo("WARN");
    assertThat(line.get("logger").asText()).isEqualTo("gatehouse.deliveries");
    assertThat(line.get("time").asText()).endsWith("Z");
    assertThat(line.has("status")).isFalse();
  }

  @Test
  void event_withLineBreaksQuotesAndOurKeys_staysOneLineAndOurs() throws Exception {
    logger.atInfo().addKeyValue("level", "spoof").log("a\"b\r\n{\"level\":\"ERROR\"}\u2028");
    JsonNode line = onlyLine();

    assertThat(line.get("level").asText()).isEqualTo("INFO");
    assertThat(line.get("level_").asText()).isEqualTo("spoof");
    assertThat(line.get("message").asText()).isEqualTo("a\"b\r\n{\"level\":\"ERROR\"}\u2028");
  }

  @Test
  void event_withAFailure_holdsItsTrace() throws Exception {
    logger.error("broke", new IllegalStateException("why"));

    assertThat(onlyLine().get("error").asText())
        .startsWith("java.lang.IllegalStateException: why")
        .contains("JsonLinesTest");
  }
}
