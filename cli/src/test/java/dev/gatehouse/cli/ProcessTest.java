package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own shows: exit statuses, signals, and what else is printed. */
@Timeout(120)
class ProcessTest {
  @TempDir Path folder;

  private Process start(String... args) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp"));
    line.add(System.getProperty("java.class.path"));
    line.add("dev.gatehouse.cli.Gatehouse");
    line.addAll(List.of(args));
    return new ProcessBuilder(line).directory(folder.toFile()).start();
  }

  private static String text(java.io.InputStream stream) throws IOException {
    return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void process_wrongUse_endsWith2AndOneLine() throws Exception {
    Process process = start("sign", "--scheme", "githb", "--secret", "abcdefgh", "--text", "x");

    assertThat(text(process.getErrorStream()))
        .isEqualTo("--scheme: there is no such scheme; did you mean github?\n");
    assertThat(process.waitFor()).isEqualTo(2);
  }

  @Test
  void process_standardInput_isReadFromAPipe() throws Exception {
    Process process = start("sign", "--scheme", "meta", "--secret", "abcdefgh", "--body", "-");
    process.getOutputStream().write("x".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();

    assertThat(text(process.getInputStream())).startsWith("X-Hub-Signature-256: sha256=");
    assertThat(text(process.getErrorStream())).isEmpty();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void serve_sigterm_endsItCleanly() throws Exception {
    Process process = start("serve", "--port", "0", "--management-port", "0");
    try {
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      List<String> lines = new ArrayList<>();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
        if (line.startsWith("Ctrl-C")) {
          // not Process.destroy, which closes the streams that are read here
          assertThat(process.toHandle().destroy()).isTrue();
        }
      }

      assertThat(lines.get(0)).startsWith("webhooks    http://127.0.0.1:");
      assertThat(lines.get(1)).startsWith("management  http://127.0.0.1:");
      assertThat(lines).endsWith("stopped");
      assertThat(text(process.getErrorStream())).isEmpty();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }
}
