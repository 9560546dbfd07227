package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes in schemes with tokens and published keys. */
class TokenSchemeReaderTest {
  private static final String JWT =
      """
      jwt:
        word: Bearer
        requireExpiry: true
        claims: [ { name: aud, equals: "{param.audience}" } ]
      """;
  private static final String OWN =
      """
      name: own
      signature:
        in: header:Authorization
        grammar: jwt
        accept: [ { label: RS256, algorithm: rsa-sha256 } ]
      jwt:
        word: Bearer
        requireExpiry: true
        claims: [ { name: aud, equals: "{param.audience}" } ]
      keys: { jwks: "https://keys.example/set" }
      time: { in: "claim:iat", unit: s, window: 5m }
      params: { audience: { description: "the audience", required: true } }
      """;
  private static final String CERTIFICATE =
      """
      name: own
      signature:
        in: header:Own-Signature
        grammar: bare
        accept: [ { algorithm: rsa-sha256, encoding: base64, key: { form: base64 } } ]
      content: "{body}"
      keys:
        certificate: header:Own-Cert-Url
        hosts: [certs.example]
        paths: ["/certs/*"]
        subject: [sign.example]
      """;

  @Test
  void scheme_withATokenAndAKeySet_isRead() {
    Scheme scheme = Schemes.parse(OWN);

    assertThat(scheme.keys()).isEqualTo(new KeyLocation.KeySet("https://keys.example/set"));
    assertThat(scheme.signsTime()).isTrue();
    assertThat(scheme.protectsIntegrity()).isFalse();
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake(JWT, "", "jwt", "belong together"),
        mistake("label: RS256", "label: HS256", "signature.accept", "is not the name"),
        mistake("label: RS256, ", "", "signature.accept[0].label", "is missing"),
        mistake("rsa-sha256 }", "rsa-sha256, encoding: hex }", "signature.accept", "must not set"),
        mistake("grammar: jwt", "grammar: jwt\n  separator: x", "signature.grammar", "takes no"),
        mistake("word: Bearer", "word: \"Bearer \"", "jwt.word", "the one word"),
        mistake("word: Bearer", "detached: true", "jwt.detached", "no claims to check"),
        mistake("word: Bearer", "words: Bearer", "jwt.words", "not a known key"),
        mistake("name: aud, ", "", "jwt.claims[0].name", "is missing"),
        mistake(", equals: \"{param.audience}\"", "", "jwt.claims[0].equals", "is missing"),
        mistake("name: aud", "name: iss", "jwt.claims", "must pin aud"),
        mistake("claim:iat", "header:Date", "time.in", "must be claim:NAME"),
        mistake(", required: true", "", "params.audience", "declare it required"),
        mistake("jwks: \"https", "jwks: \"http", "keys.jwks", "must be an https URL"),
        mistake("jwks: \"https://keys.example/set\"", "x: 1", "keys", "must have one of"),
        mistake(
            "jwks: \"https://keys.example/set\"",
            "pem: \"https://{kid}.example/x\"",
            "keys.pem",
            "{kid} in its path"),
        mistake(
            "RS256, algorithm: rsa-sha256", "HS256, algorithm: hmac-sha256", "keys", "has none"),
        mistake("time: {", "content: \"{body}\"\ntime: {", "content", "the token's own"),
        mistake(
            "word: Bearer",
            "word: Bearer\n  urlHash: { claim: q, form: canonical-request }",
            "jwt.urlHash.base",
            "is missing"));
  }

  static Stream<Arguments> certificateMistakes() {
    return Stream.of(
        mistake("header:Own-Cert-Url", "query:cert", "keys.certificate", "header:NAME or json:"),
        mistake("hosts: [certs.example]", "hosts: []", "keys.hosts", "is missing"),
        mistake("[certs.example]", "[Certs.example]", "keys.hosts", "lower-case"),
        mistake("[certs.example]", "[\"*.com\"]", "keys.hosts", "not among the last 2"),
        mistake("[certs.example]", "[\"x*.a.example\"]", "keys.hosts", "whole label"),
        mistake("[certs.example]", "[\"a.*\"]", "keys.hosts", "not among the last 2"),
        mistake("[\"/certs/*\"]", "[]", "keys.paths", "begin with /"),
        mistake("[\"/certs/*\"]", "[\"certs\"]", "keys.paths", "begin with /"),
        mistake("[sign.example]", "[]", "keys.subject", "is missing"),
        mistake("\"{body}\"", "\"{body}\"\nid: claim:jti", "", "takes a claim"));
  }

  private static Arguments mistake(String from, String to, String path, String remedy) {
    return Arguments.of(from, to, path, remedy);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistake_inAToken_isNamedWithItsPathAndRemedy(
      String from, String to, String path, String remedy) {
    assertMistake(OWN, from, to, path, remedy);
  }

  @ParameterizedTest
  @MethodSource("certificateMistakes")
  void mistake_inACertificatesPlace_isNamedWithItsPathAndRemedy(
      String from, String to, String path, String remedy) {
    assertMistake(CERTIFICATE, from, to, path, remedy);
  }

  private static void assertMistake(
      String yaml, String from, String to, String path, String remedy) {
    assertThat(yaml).contains(from);
    assertThatThrownBy(() -> Schemes.parse(yaml.replace(from, to)))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage().lines())
                    .as(e.getMessage())
                    .anySatisfy(line -> assertThat(line).startsWith(path).contains(remedy)));
  }
}
