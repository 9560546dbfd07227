package dev.gatehouse.webhook.rfc9421;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gatehouse.webhook.rfc9421.StructuredField.Limits;
import dev.gatehouse.webhook.rfc9421.StructuredField.Member;
import dev.gatehouse.webhook.rfc9421.StructuredField.Read;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Any text as a structured field (RFC 9651): what is read and written again is read the same. */
final class StructuredFieldFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void field_anyText_isReadAndWrittenOneWay(byte[] input) {
    String text = new String(input, StandardCharsets.ISO_8859_1);
    if (StructuredField.list(text, Limits.DEFAULT) instanceof Read<List<Member>> read) {
      read.value().forEach(StructuredFieldFuzzTest::isWrittenOneWay);
    }
    if (StructuredField.dictionary(text, Limits.DEFAULT) instanceof Read<?> read) {
      ((java.util.Map<?, ?>) read.value()).values().forEach(m -> isWrittenOneWay((Member) m));
    }
  }

  private static void isWrittenOneWay(Member member) {
    String written = member.serialize();
    Limits wide = new Limits(1 << 20, 64, 64, 16);
    if (!(StructuredField.list(written, wide) instanceof Read<List<Member>> again)) {
      throw new AssertionError("what was written cannot be read");
    }
    assertThat(again.value()).hasSize(1);
    assertThat(again.value().get(0).serialize()).isEqualTo(written);
  }
}
