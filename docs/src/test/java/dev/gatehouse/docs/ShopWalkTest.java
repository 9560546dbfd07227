package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatehouse.samples.shop.Shop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walk through the shop, command by command, each printing what its README says. */
class ShopWalkTest {
  private static final Path README = Path.of("..", "samples", "shop", "README.md");
  private static final Pattern STEP =
      Pattern.compile("(?ms)^```bash\\n(.*?)^```\\n(?:\\n```text\\n(.*?)^```$)?");

  @TempDir Path dir;

  @Test
  void readme_walkedThrough_printsWhatItSays() throws Exception {
    assumeTrue(hasCurl(), "skipped: there is no curl on the PATH");
    Commands commands = Commands.in(dir);
    Process shop = start();
    try {
      String printed = printed(shop);
      String port = found("listens on http://127\\.0\\.0\\.1:(\\d+)", printed);
      StringBuilder script = new StringBuilder("export GATEHOUSE_HOME='" + dir + "'\n");
      script.append("SECRET='").append(found("--secret (\\S+)", printed)).append("'\n");
      StringBuilder expected = new StringBuilder();
      Matcher step = STEP.matcher(Files.readString(README));
      for (int number = 1; step.find(); number++) {
        script
            .append("echo '# ")
            .append(number)
            .append("'\n")
            .append(step.group(1))
            .append("echo\n");
        expected.append("# ").append(number).append('\n');
        expected.append(step.group(2) == null ? "" : step.group(2));
      }
      String walked = commands.run(0, script.toString().replace("8085", port));
      assertThat(withoutBlankLines(walked)).isEqualTo(withoutBlankLines(expected.toString()));
      assertThat(expected.toString()).contains("# 9", "PAID");
    } finally {
      shop.destroy();
      assertThat(shop.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Process start() throws Exception {
    ProcessBuilder shop =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Shop.class.getName(),
                "--port",
                "0")
            .redirectErrorStream(true);
    shop.environment().put("GATEHOUSE_HOME", dir.toString());
    return shop.start();
  }

  // up to the command that sends a payment, which is the last
  private static String printed(Process shop) throws Exception {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(shop.getInputStream(), StandardCharsets.UTF_8));
    return CompletableFuture.supplyAsync(() -> upToSecret(lines)).get(120, TimeUnit.SECONDS);
  }

  private static String upToSecret(BufferedReader lines) {
    StringBuilder printed = new StringBuilder();
    try {
      String line;
      while ((line = lines.readLine()) != null) {
        printed.append(line).append('\n');
        if (line.contains("--secret")) {
          return printed.toString();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("the shop ended by itself:\n" + printed);
  }

  private static String found(String pattern, String in) {
    Matcher matcher = Pattern.compile(pattern).matcher(in);
    assertThat(matcher.find()).as("%s in%n%s", pattern, in).isTrue();
    return matcher.group(1);
  }

  private static String withoutBlankLines(String text) {
    return text.replaceAll("(?m)^\\s*\\n", "").strip();
  }

  private static boolean hasCurl() throws Exception {
    Process which = new ProcessBuilder("bash", "-c", "command -v curl").start();
    return which.waitFor() == 0;
  }
}
