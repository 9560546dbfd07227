package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Pair;
import dev.gatehouse.webhook.scheme.Schemes;
import dev.gatehouse.webhook.scheme.SortedPairs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Any bytes where a scheme has to read a request before it is verified. */
final class WholeRequestFuzzTest {
  private static final List<String> POINTERS =
      List.of("/id", "/a/b", "/items/*/id", "/items/*/a/b", "/0", "/");
  private static final JsonMapper TREES =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final String KEY = "own-key-of-a-fuzzed-request";
  // A scheme of each grammar and place that only the whole request tells.
  private static final List<WebhookVerifier> VERIFIERS =
      Stream.of(
              "plivo",
              "recurly",
              "circleci",
              "coinbase-cdp",
              "vonage-sms",
              "mailgun",
              "gitea",
              "contentful")
          .map(
              name ->
                  Requests.verifierAt(
                      Requests.NOW,
                      Schemes.named(name),
                      name.equals("contentful") ? "own0".repeat(16) : KEY))
          .toList();

  /** What the pointers find is what a tree has there, and nothing is taken for absent. */
  @FuzzTest(maxDuration = "10m")
  void fields_ofAnyBody_areThoseOfATreeOrNone(byte[] body) {
    Optional<JsonFields> found = JsonFields.read(body, POINTERS);
    if (found.isEmpty()) {
      return;
    }
    JsonNode tree = tree(body);
    int items = found.get().items("/items");
    assertThat(items).isEqualTo(tree.at("/items").isArray() ? tree.at("/items").size() : -1);
    assertThat(items).isLessThanOrEqualTo(JsonFields.MAX_ITEMS);
    for (String pointer : POINTERS) {
      for (int at = 0; at < (pointer.contains("*") ? items : 1); at++) {
        String concrete = pointer.replace("*", Integer.toString(at));
        assertThat(kind(found.get().field(pointer, at)))
            .as(concrete)
            .isEqualTo(kind(tree.at(concrete)));
      }
    }
  }

  /** One signature fits one set of parameters, whatever their names and values hold. */
  @FuzzTest(maxDuration = "10m")
  void form_ofAnyBytes_isSignedUnlikeAnyWithAnotherName(byte[] form) {
    Optional<List<Pair>> pairs = FormPairs.read(form).map(FormPairs::all);
    if (pairs.isEmpty() || SortedPairs.haveDoubles(pairs.get())) {
      return;
    }
    Optional<String> signed = SortedPairs.ampersandLed(pairs.get());
    if (signed.isEmpty()) {
      return;
    }
    Set<String> names = new HashSet<>();
    for (String pair : signed.get().split("&", -1)) {
      if (!pair.isEmpty()) {
        names.add(pair.substring(0, pair.indexOf('=')));
      }
    }
    Set<String> sent = new HashSet<>();
    pairs.get().forEach(pair -> sent.add(pair.name()));
    assertThat(names).isEqualTo(sent);
  }

  /** Nobody without the key is let in, and each answer is one of the codes. */
  @FuzzTest(maxDuration = "10m")
  void request_ofAnySignatureAndBody_isNotVerifiedWithoutTheKey(byte[] input) {
    if (input.length == 0) {
      return;
    }
    WebhookVerifier verifier = VERIFIERS.get(Math.floorMod(input[0], VERIFIERS.size()));
    String text = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
    int cut = Math.max(0, text.indexOf('\n'));
    String signature = text.substring(0, cut);
    String body = text.substring(cut);
    List<String> headers = new ArrayList<>();
    for (String name :
        List.of(
            "X-Plivo-Signature-V3",
            "recurly-signature",
            "circleci-signature",
            "X-Hook0-Signature",
            "X-Gitea-Signature",
            "x-contentful-signature",
            "x-contentful-signed-headers")) {
      headers.add(name);
      headers.add(signature);
    }
    headers.addAll(
        List.of(
            "X-Plivo-Signature-V3-Nonce",
            "1",
            "x-contentful-timestamp",
            "1767225600000",
            "Content-Type",
            body.startsWith("\n{") ? "application/json" : "application/x-www-form-urlencoded"));
    Verification verdict =
        verifier.verify(
            WebhookRequest.post(
                "https://hooks.example.com/in?" + signature,
                Headers.of(headers.toArray(String[]::new)),
                body));

    assertThat(verdict).isInstanceOf(Verification.Rejected.class);
  }

  private static JsonNode tree(byte[] body) {
    try {
      return TREES.readTree(new String(body, StandardCharsets.UTF_8));
    } catch (IOException other) {
      throw new AssertionError("fields were read from what is no JSON", other);
    }
  }

  private static String kind(JsonFields.@Nullable Field field) {
    if (field == null) {
      return "absent";
    }
    return field.type() + (field.type() == JsonFields.Type.STRING ? " " + field.text() : "");
  }

  private static String kind(JsonNode node) {
    if (node.isMissingNode()) {
      return "absent";
    }
    if (node.isTextual()) {
      return JsonFields.Type.STRING + " " + node.asText();
    }
    JsonFields.Type type =
        node.isNumber()
            ? JsonFields.Type.NUMBER
            : node.isBoolean()
                ? JsonFields.Type.BOOLEAN
                : node.isNull() ? JsonFields.Type.NULL : JsonFields.Type.STRUCTURE;
    return type.toString();
  }
}
