package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProvidersPageTest {
  private static final Path PAGE = Path.of("providers.md").toAbsolutePath();
  private static final String WRITE = "gatehouse.docs.write";
  private static final String COMMAND =
      "./mvnw -q -pl docs -am test -Dtest=ProvidersPageTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -D"
          + WRITE
          + "=true";

  @Test
  void page_ofTheProviders_isWhatTheCatalogueSays() throws IOException {
    String page = ProvidersPage.of(Schemes.all());
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(PAGE, page);
    }

    String written = Files.exists(PAGE) ? Files.readString(PAGE) : "";

    assertThat(written)
        .as("docs/providers.md is stale: make it anew with\n  " + COMMAND)
        .isEqualTo(page);
  }
}
