package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A scheme of one's own: one that works, and every mistake named with its place and remedy. */
class SchemeReaderTest {
  private static final String OWN =
      """
      name: own
      signature:
        in: header:X-Own-Signature
        grammar: entries
        separator: ","
        assign: "="
        accept:
          - { label: v1, algorithm: hmac-sha256, encoding: hex, key: { form: text } }
      content: "{id}.{time}.{body}"
      time: { in: "element:t", unit: s, window: 5m }
      id: header:X-Own-Id
      type: json:/type
      params:
        token: { description: "the token", required: true }
      handshakes:
        - name: hello
          method: GET
          query: { mode: hello }
          signed: false
          compare: { in: "query:token", param: token }
          echo: { in: "query:challenge", alphabet: digits, maxLength: 8 }
          answer: { status: 200, contentType: text/plain, body: "{echo}" }
      """;

  @Test
  void scheme_ofOnesOwn_signsVerifiesAndAnswersItsHandshake() {
    Scheme scheme = Schemes.parse(OWN);
    WebhookVerifier verifier =
        WebhookVerifier.builder(scheme)
            .secrets(Requests.secrets("own-text"))
            .param("token", "own-token")
            .clock(java.time.InstantSource.fixed(Requests.NOW))
            .build();
    byte[] body = Requests.BODY.getBytes(StandardCharsets.UTF_8);
    var headers =
        WebhookSigner.create(scheme, List.of(Secret.of("own", "own-text")), Map.of())
            .sign(new Outgoing("POST", "", Headers.of(), body, "d_1", Requests.NOW));

    VerifiedWebhook webhook = Requests.verified(verifier, headers, Requests.BODY);
    assertThat(webhook.deliveryId()).contains(new Attested("d_1", true));
    assertThat(webhook.eventType()).contains(new Attested("invoice.paid", true));
    assertThat(Requests.verdict(verifier, headers, Requests.BODY + " "))
        .isEqualTo("signature_mismatch");
    Verification hello =
        verifier.verify(
            WebhookRequest.of(
                "GET",
                "https://h.example.com/?mode=hello&token=own-token&challenge=42",
                Headers.of(),
                new byte[0]));
    assertThat(((Verification.Handshake) hello).body()).isEqualTo("42");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      quoteCharacter = '`',
      value = {
        "name: own|name: Own Scheme|name|lower-case",
        "name: own|nam: own|nam|did you mean name?",
        "name: own|name: 7|name|put it in quotes",
        "in: header:X-Own-Signature|in: claim:sig|signature.in|must be header:NAME",
        "in: header:X-Own-Signature|in: X-Own-Signature|signature.in|must be header:NAME",
        "in: header:X-Own-Signature|in: header:X Own|signature.in|letters, digits and hyphens",
        "in: header:X-Own-Signature|in: []|signature.in|say which header",
        "grammar: entries|grammar: words|signature.grammar|must be one of bare, entries",
        "separator: \",\"|separator: \"; \"|signature.grammar|one character each",
        "separator: \",\"|separator: \"=\"|signature.assign|must not be the separator",
        "label: v1, |``|signature.accept[0].label|chosen by their label",
        "label: v1,|label: \"v=1\",|signature.accept[0].label|no entry can have it",
        "algorithm: hmac-sha256|algorithm: md5|signature.accept[0].algorithm|must be one of",
        "algorithm: hmac-sha256, |``|signature.accept[0].algorithm|is missing",
        "algorithm: hmac-sha256|algorithm: ed25519|signature.accept[0].key.form|hex or base64",
        "encoding: hex|encoding: text|signature.accept[0].encoding|for tokens only",
        "form: text|form: text, minBytes: 9, maxBytes: 8|signature.accept[0].key.minBytes|maxBytes",
        "form: text|form: text, prefixRequired: true|signature.accept[0].key.prefixRequired|prefix",
        "content: \"{id}.{time}.{body}\"|content: \"{id}.{time}.{bdy}\"|content|use {body}",
        "content: \"{id}.{time}.{body}\"|content: \"{id}.{time}.{body\"|content|not closed",
        "content: \"{id}.{time}.{body}\"|content: \"{id}.{time}\"|content|neither the body",
        "content: \"{id}.{time}.{body}\"|content: \"{time}.{body}{body}\"|content|twice",
        "content: \"{id}.{time}.{body}\"|content: []|content|say what is signed",
        "content: \"{id}.{time}.{body}\"|content: \"{body}\"|time|must not be trusted",
        "content: \"{id}.{time}.{body}\"|content: \"{time}.{url}\"|content|leaves the body unsigned",
        "content: \"{id}.{time}.{body}\"|content: \"{time}.{form}\"|content|formBody: true",
        "content: \"{id}.{time}.{body}\"|content: \"{param.x}{time}.{body}\"|content|params lacks",
        "id: header:X-Own-Id|id: json:/id|content|say with id: header:NAME",
        "id: header:X-Own-Id|id: header:{set}Id|headerSets|what {set} stands for",
        "window: 5m|window: 300|time.window|such as 250ms",
        "window: 5m|window: 2d|time.window|between",
        "element:t|query:t|time.in|header:NAME, element:KEY, json:/POINTER or claim:NAME",
        "element:t|json:/t|content|stands in the body: leave it out",
        "type: json:/type|retryBodiesDiffer: true|retryBodiesDiffer|signed id in the body",
        "type: json:/type|type: json:type|type|json:/POINTER",
        "type: json:/type|tokenVouchesForId: true|tokenVouchesForId|for tokens only",
        "type: json:/type|attempt: json:/attempt|attempt|signed id in the body",
        "in: \"query:token\"|in: \"element:token\"|handshakes[0].compare.in|must be query:NAME",
        "in: \"query:challenge\"|in: \"form:c\"|handshakes[0]|json:/POINTER only",
        "in: \"query:challenge\"|in: \"json:/c\"|handshakes[0]|before the request is",
        "query: { mode: hello }|json: { type: hello }|handshakes[0].json|JSON pointers",
        "query: { mode: hello }|json: { /type: hello }|handshakes[0].json|use query",
        "query: { mode: hello }|query: {}|handshakes[0]|told from a delivery",
        "body: \"{echo}\"|body: \"{hmac-sha256-hex}\"|handshakes[0].answer|must not sign",
        "contentType: text/plain|contentType: text/html|handshakes[0].answer.contentType|text/plain",
        "param: token }|param: other }|handshakes[0]|which params lacks",
        "status: 200|status: 302|handshakes[0].answer.status|between 200 and 299",
      })
  void mistake_inAScheme_isNamedWithItsPathAndRemedy(
      String right, String wrong, String path, String remedy) {
    assertThat(OWN).contains(right);
    assertMistake(OWN.replace(right, wrong), path, remedy);
  }

  @Test
  void handshake_thatSignsAnUnsignedQuery_isRefused() {
    assertMistake(
        OWN.replace("signed: false", "signed: true").replace("{echo}", "{hmac-sha256-hex}"),
        "handshakes[0].answer",
        "use json:/POINTER");
  }

  @Test
  void handshake_thatEchoesForAnybody_isRefused() {
    assertMistake(
        OWN.replace("compare: { in: \"query:token\", param: token }", ""),
        "handshakes[0]",
        "compares a constant first");
  }

  @Test
  void param_thatIsSignedButNotRequired_isRefused() {
    assertMistake(
        OWN.replace(", required: true", "").replace("{id}.", "{param.token}"),
        "params.token",
        "required: true");
  }

  @Test
  void token_besideASignature_isRefused() {
    assertMistake(
        OWN.replace("accept:", "accept:\n    - { label: v2, algorithm: token }"),
        "signature.accept",
        "would take the token");
  }

  @Test
  void label_listedTwice_isRefused() {
    assertMistake(
        OWN.replace("accept:", "accept:\n    - { label: v1, algorithm: hmac-sha1 }"),
        "signature.accept",
        "two entries for one label");
  }

  @Test
  void content_underAToken_isRefusedBecauseNothingSignsIt() {
    assertMistake(
        """
        name: own
        signature: { in: "header:T", accept: [ { algorithm: token } ] }
        content: "{body}"
        id: json:/id
        """,
        "content",
        "not signed by a token");
  }

  @Test
  void timeInTheBody_thatNothingSigns_isRefused() {
    String token =
        """
        name: own
        signature: { in: "header:T", accept: [ { algorithm: token } ] }
        time: { in: "json:/at", unit: ms }
        """;
    assertMistake(token, "time.in", "not signed raw");
  }

  @Test
  void sets_thatCannotBeToldFromEntries_areRefused() {
    String comma = "separator: \",\"";
    assertMistake(
        OWN.replace(comma, "separator: \" \"\n  sets: \",\""),
        "signature.sets",
        "the separator no space");
    assertMistake(
        OWN.replace(comma, comma + "\n  sets: \"; \""), "signature.sets", "one character");
    assertMistake(
        OWN.replace(comma, comma + "\n  sets: \";\"\n  repeated: true"),
        "signature.repeated",
        "excludes");
  }

  @Test
  void spacesRoundABareSignature_areRefused() {
    assertMistake(
        """
        name: own
        signature: { in: "header:T", trim: true, accept: [ { algorithm: hmac-sha256 } ] }
        content: "{body}"
        """,
        "signature.trim",
        "is for entries");
  }

  @Test
  void content_chosenByAnUnsignedQuery_isRefused() {
    String two =
        """
        content:
          - { when: { query: v2 }, template: "{time}{body}" }
          - { template: "{time}.{body}" }
        """;
    assertMistake(
        OWN.replace("content: \"{id}.{time}.{body}\"\n", two), "content", "has to sign {url}");
  }

  @Test
  void time_signedInOneContentOnly_isRefused() {
    String two =
        """
        content:
          - { when: { query: v2 }, template: "{url}{body}" }
          - { template: "{url}{time}.{body}" }
        """;
    assertMistake(
        OWN.replace("content: \"{id}.{time}.{body}\"\n", two), "content", "in one template only");
  }

  @Test
  void headerSets_thatNoNameUses_areRefused() {
    assertMistake(OWN + "headerSets: [a-, b-]\n", "headerSets", "no name uses {set}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "name: a\nname: b",
        "name: own\n---\nname: other",
        "a: *x",
        "\u0000",
        "a"
      })
  void text_thatIsNoScheme_isAnArgumentErrorAndNothingElse(String yaml) {
    assertThatThrownBy(() -> Schemes.parse(yaml)).isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertMistake(String yaml, String path, String remedy) {
    assertThatThrownBy(() -> Schemes.parse(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage().lines())
                    .as(e.getMessage())
                    .anySatisfy(line -> assertThat(line).startsWith(path + ": ").contains(remedy)));
  }
}
