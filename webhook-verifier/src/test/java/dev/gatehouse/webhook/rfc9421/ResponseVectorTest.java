package dev.gatehouse.webhook.rfc9421;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.rfc9421.HttpMessage.Field;
import dev.gatehouse.webhook.rfc9421.MessageKey.SecretForm;
import dev.gatehouse.webhook.rfc9421.MessageVerifier.NamedKey;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The vector of RFC 9421 that is a response (B.2.4), which no webhook is. */
class ResponseVectorTest {
  private static final String KEY =
      """
      -----BEGIN PUBLIC KEY-----
      MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
      w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
      -----END PUBLIC KEY-----
      """;
  private static final List<Field> FIELDS =
      List.of(
          new Field("Date", "Tue, 20 Apr 2021 02:07:56 GMT"),
          new Field("Content-Type", "application/json"),
          new Field(
              "Content-Digest",
              "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rj"
                  + "Juahq4l5aGgfLQ==:"),
          new Field("Content-Length", "23"),
          new Field(
              "Signature-Input",
              "sig-b24=(\"@status\" \"content-type\" \"content-digest\" \"content-length\")"
                  + ";created=1618884473;keyid=\"test-key-ecc-p256\""),
          new Field(
              "Signature",
              "sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlY"
                  + "UEkLIj+32oiasw==:"));

  private static MessageVerdict verdict(HttpMessage message) {
    MessageKey key = MessageKey.forVerifying(KEY, SecretForm.BASE64, null);
    return MessageVerifier.builder()
        .require(SignatureComponent.listOf("@status content-digest"))
        .build()
        .verify(
            message,
            List.of(new NamedKey("test-key-ecc-p256", key)),
            Instant.ofEpochSecond(1618884473));
  }

  @Test
  void response_ofTheRfc_isAcceptedWithItsStatusAndBodyAlone() {
    assertThat(verdict(HttpMessage.response(200, FIELDS)))
        .isInstanceOfSatisfying(
            MessageVerdict.Accepted.class,
            accepted -> {
              byte[] body = "{\"message\": \"good dog\"}".getBytes(UTF_8);
              assertThat(accepted.judgeBody(body)).isEmpty();
              assertThat(accepted.judgeBody("{}".getBytes(UTF_8))).isPresent();
            });
    assertThat(verdict(HttpMessage.response(201, FIELDS)))
        .isInstanceOf(MessageVerdict.Refused.class);
    assertThat(verdict(HttpMessage.request("POST", "https://h.example.com/", FIELDS)))
        .isInstanceOf(MessageVerdict.Refused.class);
  }
}
