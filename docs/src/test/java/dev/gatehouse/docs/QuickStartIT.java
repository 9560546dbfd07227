package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stranger does first: serve, paste the command that it prints, look at the delivery. */
class QuickStartIT {
  private static final String ANY_PORT = "--port 0 --management-port 0";

  @TempDir Path dir;

  @Test
  void demo_servedAndSentTheCommandItPrints_storesAndShowsTheDelivery() throws Exception {
    Commands commands = Commands.in(dir);
    String delivery;
    try (Commands.Server server = commands.serve(ANY_PORT)) {
      String send = server.find("(\\./gatehouse send .*)");
      String management = " --management " + server.find("management +(http://\\S+)");
      assertThat(commands.run(0, send)).contains("204");

      String listed = commands.run(0, "./gatehouse deliveries list" + management);
      delivery = delivery(listed);
      assertThat(listed).contains("demo");
      assertThat(server.readUntil("delivered ")).contains(delivery(listed), "signature verified");
      assertThat(commands.run(0, "./gatehouse deliveries show " + delivery + management))
          .contains(delivery, "demo", "standard-webhooks");
      assertThat(commands.run(0, "./gatehouse deliveries list --state dead --json" + management))
          .doesNotContain(delivery);
      commands.run(0, "./gatehouse deliveries replay " + delivery + management);

      assertThat(commands.run(1, send.replaceFirst("whsec_.", "whsec_X"))).contains("401");
    }

    try (Commands.Server again = commands.serve(ANY_PORT)) {
      String management = " --management " + again.find("management +(http://\\S+)");
      assertThat(commands.run(0, "./gatehouse deliveries show " + delivery + management))
          .as("a restart keeps what was known")
          .contains(delivery, "delivered");
    }
  }

  private static String delivery(String printed) {
    Matcher id = Pattern.compile("dlv_[0-9a-zA-Z]+").matcher(printed);
    assertThat(id.find()).as(printed).isTrue();
    return id.group();
  }

  @Test
  void configuration_fromInit_isServed() throws Exception {
    Commands commands = Commands.in(dir);
    commands.run(0, "./gatehouse init");
    try (Commands.Server server = commands.serve(ANY_PORT)) {
      assertThat(server.printed()).contains("/hooks/demo");
    }
  }

  @Test
  void configuration_withMistakes_isRefusedWithAllOfTheirPaths() throws Exception {
    Commands commands = Commands.in(dir);
    String printed =
        commands.run(
            2,
            "printf 'sources: {x: {scheme: githb, secrets: [{value: changeme}]}}' > bad.yaml\n"
                + "./gatehouse serve --config bad.yaml");
    assertThat(printed)
        .contains("sources.x.scheme", "sources.x.owner", "sources.x.secrets[0].value")
        .doesNotContain("changeme", "Exception");
  }
}
