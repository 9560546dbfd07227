package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher of the repository, in a folder that counts as built, with a Java of this process.
 */
@Timeout(120)
class LauncherTest {
  @TempDir Path folder;

  @BeforeEach
  void layOut() throws IOException {
    Files.copy(
        Path.of("..", "gatehouse"),
        folder.resolve("gatehouse"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Path target = Files.createDirectories(folder.resolve("cli/target"));
    Files.createFile(target.resolve("gatehouse-cli.jar"));
    Files.createFile(target.resolve("gatehouse-built"));
    Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
    // the jar is empty: everything before what follows it is left out
    Files.writeString(
        java,
        "#!/bin/sh\nwhile [ \"$1\" != -jar ]; do shift; done\nshift 2\nexec '"
            + Path.of(System.getProperty("java.home"), "bin", "java")
            + "' -XX:TieredStopAtLevel=1 -cp '"
            + System.getProperty("java.class.path")
            + "' dev.gatehouse.cli.Gatehouse \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
  }

  private String run(int status, String script) throws Exception {
    Path printed = folder.resolve("printed.txt");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(printed, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(text).isEqualTo(status);
    return text;
  }

  @Test
  void body_standardInputClosed_isRefused() throws Exception {
    assertThat(run(2, "./gatehouse sign --scheme github --secret abcdefgh --body - <&-"))
        .isEqualTo("--body: standard input cannot be read\n");
  }

  @Test
  void batch_standardInputClosed_answersNothing() throws Exception {
    assertThat(run(1, "./gatehouse verify --batch - <&-"))
        .isEqualTo("--batch: reading or writing failed before the last line\n");
  }

  @Test
  void body_standardInputOpen_isSigned() throws Exception {
    assertThat(run(0, "printf x | ./gatehouse sign --scheme meta --secret abcdefgh --body -"))
        .startsWith("X-Hub-Signature-256: sha256=");
  }

  @Test
  void output_closed_isNoSuccess() throws Exception {
    assertThat(run(1, "./gatehouse schemes >&-"))
        .isEqualTo("gatehouse: standard output cannot be written\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "", "en_US", "xx_XX.UTF-8", "C.UTF-8"})
  void argumentsAndPaths_inAnyLocale_areReadAsTyped(String locale) throws Exception {
    String signed =
        CommandRun.of("sign", "--scheme", "meta", "--secret", "abcdefg\u00fc", "--text", "\u00f6")
            .out();

    String script =
        "export LC_ALL='%s' LANG= LC_CTYPE=; printf '\\xc3\\xb6' > $'\\xc3\\xa4'; "
            + "./gatehouse sign --scheme meta --secret $'abcdefg\\xc3\\xbc' ";
    assertThat(run(0, script.replace("%s", locale) + "--text $'\\xc3\\xb6'")).contains(signed);
    assertThat(run(0, script.replace("%s", locale) + "--body $'\\xc3\\xa4'")).contains(signed);
  }
}
