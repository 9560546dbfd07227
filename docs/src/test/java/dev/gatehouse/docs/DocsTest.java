package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.gatehouse.receiver.ConfigReader;
import dev.gatehouse.receiver.ReceiverConfig;
import dev.gatehouse.webhook.SchemeVectors;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every code block of the documents is shown to work. The comment before a block says how:
 *
 * <ul>
 *   <li>{@code <!-- snippet: File.java#region -->}: the block is that region of a compiled test,
 *       between {@code // region name} and {@code // endregion};
 *   <li>{@code <!-- run -->}: the shell commands are run and end with status 0;
 *   <li>{@code <!-- config -->}: the YAML is a configuration that the receiver accepts;
 *   <li>{@code <!-- scheme -->}: the YAML is a scheme whose vectors hold;
 *   <li>{@code <!-- shown by: Class -->}: that test runs it, where a single command could not.
 * </ul>
 */
class DocsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path TESTS = Path.of("src/test/java/dev/gatehouse/docs").toAbsolutePath();
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^(?:<!-- ([^\\n]*?) -->\\n)?```(\\w*)\\n(.*?)^```$");

  record Block(Path file, int line, String tag, String language, String text) {
    String name() {
      return ROOT.relativize(file) + ":" + line + " (" + tag + ")";
    }
  }

  @TempDir Path dir;

  @TestFactory
  Stream<DynamicTest> block_ofADocument_isShownToWork() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path document : documents()) {
      blocks.addAll(blocksOf(document));
    }
    assertThat(blocks).isNotEmpty();
    return blocks.stream().map(block -> DynamicTest.dynamicTest(block.name(), () -> show(block)));
  }

  @Test
  void link_toAFileOfTheProject_leadsSomewhere() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link =
          Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)").matcher(Files.readString(document));
      while (link.find()) {
        if (!Files.exists(document.resolveSibling(link.group(1)))) {
          dead.add(ROOT.relativize(document) + " -> " + link.group(1));
        }
      }
    }
    assertThat(dead).isEmpty();
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    return documents;
  }

  private static List<Block> blocksOf(Path document) throws IOException {
    String text = Files.readString(document);
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      int line = (int) text.substring(0, matcher.start()).lines().count() + 1;
      String tag = matcher.group(1) == null ? "" : matcher.group(1).trim();
      blocks.add(new Block(document, line, tag, matcher.group(2), matcher.group(3)));
    }
    return blocks;
  }

  private void show(Block block) throws Exception {
    if (block.tag().startsWith("snippet: ")) {
      showSnippet(block);
    } else if (block.tag().equals("run")) {
      showCommands(block);
    } else if (block.tag().equals("config")) {
      showConfig(block);
    } else if (block.tag().equals("scheme")) {
      Scheme scheme = Schemes.parse(block.text());
      assertThat(scheme.vectors()).isNotEmpty();
      assertThat(SchemeVectors.failures(scheme)).isEmpty();
    } else if (block.tag().startsWith("shown by: ")) {
      String test = block.tag().substring(10) + ".java";
      try (Stream<Path> files = Files.walk(ROOT)) {
        assertThat(files.map(f -> String.valueOf(f.getFileName()))).contains(test);
      }
    } else {
      fail(block.name() + ": say in a comment before the block how it is shown to work");
    }
  }

  private static void showSnippet(Block block) throws IOException {
    String[] where = block.tag().substring(9).split("#", 2);
    String source = Files.readString(TESTS.resolve(where[0]));
    Matcher region =
        Pattern.compile(
                "(?ms)^( *)// region " + Pattern.quote(where[1]) + "\\n(.*?)^ *// endregion")
            .matcher(source);
    assertThat(region.find()).as("region " + where[1] + " of " + where[0]).isTrue();
    String indent = region.group(1);
    StringBuilder expected = new StringBuilder();
    for (String line : region.group(2).split("\n", -1)) {
      expected
          .append(line.startsWith(indent) ? line.substring(indent.length()) : line)
          .append('\n');
    }
    assertThat(block.text().strip()).isEqualTo(expected.toString().strip());
  }

  private void showCommands(Block block) throws Exception {
    Commands.in(dir).run(0, block.text());
  }

  private void showConfig(Block block) throws Exception {
    Files.writeString(dir.resolve("gatehouse.yaml"), block.text());
    Files.writeString(dir.resolve("github-old"), "own-old-secret\n");
    Files.writeString(
        dir.resolve("inbox-key-2026-11"), "q83vEjRWeJq83vESNFZ4kKvN7xI0Vniau83vEjRWeJo=\n");
    Map<String, String> environment =
        Map.of(
            "GITHUB_WEBHOOK_SECRET",
            "own-github-secret",
            "GATEHOUSE_DB_PASSWORD",
            "own-database-password",
            "INBOX_KEY_2026_05",
            "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210",
            "FORWARD_SECRET",
            "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=");
    ReceiverConfig config =
        ConfigReader.withEnvironment(environment).read(dir.resolve("gatehouse.yaml"));
    assertThat(config.sources()).isNotEmpty();
  }
}
