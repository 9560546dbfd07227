package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExplainTest {
  private static final String SECRET = "It's a Secret to Everybody";
  private static final String SIGNATURE =
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

  private static CommandRun.Ended explain(String secret, String text, String... more) {
    String[] options = {
      "explain",
      "--scheme",
      "github",
      "--secret",
      secret,
      "--text",
      text,
      "--header",
      "X-Hub-Signature-256: " + SIGNATURE
    };
    String[] all = java.util.Arrays.copyOf(options, options.length + more.length);
    System.arraycopy(more, 0, all, options.length, more.length);
    return new CommandRun().run(all);
  }

  @Test
  void request_thatVerifies_ends0() {
    CommandRun.Ended ended = explain(SECRET, "Hello, World!");
    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains("Nothing is wrong");
  }

  @Test
  void mistake_thatIsKnown_isNamedWithItsRemedyAndEnds1() {
    CommandRun.Ended ended = explain(SECRET + " ", "Hello, World!");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).contains("rejected: signature_mismatch", "[secret_with_space]");
    assertThat(ended.out()).doesNotContain(SECRET, SIGNATURE, "Hello");
  }

  @Test
  void otherSecret_thatSigned_isNamedByItsSourceAndNotShown() {
    CommandRun.Ended ended =
        explain("not-the-secret", "Hello, World!", "--other-secret", "shop=" + SECRET);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).contains("rejected: signature_mismatch", "shop");
    assertThat(ended.out()).doesNotContain(SECRET, "not-the-secret");
  }

  @Test
  void otherSecret_withoutTheNameOfASource_isWrongUseAndNotShown() {
    CommandRun.Ended ended = explain("not-the-secret", "Hello, World!", "--other-secret", SECRET);

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("--other-secret").doesNotContain(SECRET);
  }

  @Test
  void publicKeysAsAConstant_needNoSecret() {
    CommandRun.Ended ended =
        CommandRun.of(
            "explain",
            "--scheme",
            "plaid",
            "--param",
            "jwks={\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"kid\":\"1\","
                + "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
                + "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}",
            "--text",
            "{}");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).contains("rejected: ");
  }

  @Test
  void id_asForSigning_isTakenAndIgnored() {
    assertThat(explain(SECRET, "Hello, World!", "--id", "msg_1").status()).isZero();
  }

  @Test
  void json_isOneLineWithEveryFinding() {
    CommandRun.Ended ended = explain(SECRET, "Hello, World!\n", "--json");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.lines()).hasSize(1);
    assertThat(ended.lines().get(0))
        .contains("\"code\":\"body_newline_added\"", "\"certain\":true", "\"reason\":");
  }
}
