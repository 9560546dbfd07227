package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CatalogueTest {
  private static final Path FOLDER =
      Path.of("src/main/resources/dev/gatehouse/webhook/schemes").toAbsolutePath();

  static List<String> names() {
    return Schemes.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void scheme_ofTheCatalogue_readsAndAllItsVectorsHold(String name) {
    Scheme scheme = Schemes.named(name);

    assertThat(scheme.name()).isEqualTo(name);
    assertThat(scheme.sources()).as("sources").isNotEmpty();
    assertThat(scheme.vectors().stream().map(Scheme.Vector::outcome))
        .as("vectors of both outcomes")
        .contains("verified");
    assertThat(SchemeVectors.failures(scheme)).isEmpty();
  }

  @Test
  void index_ofTheCatalogue_listsEveryFileAndAlias() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<String> inFolder =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".yaml"))
              .map(file -> file.substring(0, file.length() - 5))
              .sorted()
              .toList();
      assertThat(Schemes.names()).isEqualTo(inFolder);
    }
    for (Scheme scheme : Schemes.all()) {
      for (String alias : scheme.aliases()) {
        assertThat(Schemes.find(alias)).as(alias).map(Scheme::name).contains(scheme.name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void vectors_ofAFile_comeLastAndAreTheSameReadLate(String name) throws IOException {
    String file = Files.readString(FOLDER.resolve(name + ".yaml"));

    assertThat(file.substring(file.indexOf("\nvectors:\n") + 1).lines().skip(1))
        .allMatch(line -> line.startsWith(" "));
    assertThat(Schemes.named(name).vectors()).isEqualTo(Schemes.parse(file).vectors());
  }

  @Test
  void named_unknownScheme_namesTheKnownOnes() {
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Schemes.named("githb")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("githb")
        .hasMessageContaining("github");
  }
}
