package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Any bytes as a form: the same pairs from a body and from a query, in whatever order they come.
 */
final class FormPairsFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void form_anyBytes_isReadOneWay(byte[] body) {
    String text = new String(body, StandardCharsets.ISO_8859_1);
    Optional<FormPairs> read = FormPairs.read(body);
    if (read.isEmpty()) {
      return;
    }
    byte[] joined = read.get().sortedAndJoined();
    List<String> pairs = Arrays.asList(text.split("&"));
    Collections.reverse(pairs);
    byte[] turned = String.join("&", pairs).getBytes(StandardCharsets.ISO_8859_1);
    assertThat(FormPairs.read(turned).orElseThrow().sortedAndJoined()).isEqualTo(joined);
    if (text.chars().allMatch(c -> c < 128) && text.indexOf('#') < 0) {
      FormPairs query = FormPairs.ofQuery("https://h.example.com/x?" + text).orElseThrow();
      assertThat(query.sortedAndJoined()).isEqualTo(joined);
    }
    read.get().first("id").ifPresent(id -> isWrittenBack(id));
  }

  private static void isWrittenBack(String id) {
    byte[] written =
        ("id=" + URLEncoder.encode(id, StandardCharsets.UTF_8)).getBytes(StandardCharsets.US_ASCII);
    assertThat(FormPairs.read(written).orElseThrow().first("id")).contains(id);
  }
}
