package dev.gatehouse.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.webhook.rfc9421.MessageAlgorithm;
import dev.gatehouse.webhook.scheme.MessageRule;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Vectors of HTTP message signatures: the receiver's policy is what each one happens to cover. */
final class MessageVector {
  private static final Pattern COVERED = Pattern.compile("=(\\([^)]*\\))");
  private static final Pattern CREATED = Pattern.compile(";created=([0-9]+)");

  private MessageVector() {}

  /** Why it is no case; empty if it is one. */
  static String reasonToLeaveOut(JsonNode vector) {
    return vector.has("status") ? "is a response, and webhooks are requests" : "";
  }

  /** Adds what a case needs beyond its request: policy, time, and lines that are not joined. */
  static void complete(ObjectNode of, JsonNode vector) {
    ArrayNode headers = of.putArray("headers");
    for (var header : vector.path("headers").properties()) {
      if (header.getValue().isArray()) {
        header
            .getValue()
            .forEach(line -> headers.addArray().add(header.getKey()).add(line.asText()));
      } else {
        headers.addArray().add(header.getKey()).add(header.getValue().asText());
      }
    }
    String input = vector.path("headers").path("Signature-Input").asText();
    ObjectNode params = (ObjectNode) of.get("params");
    String covered = first(COVERED, input);
    params.put(MessageRule.REQUIRED, covered);
    if (!covered.contains("content-digest")) {
      params.put(MessageRule.UNSIGNED_BODY, "true");
    }
    of.put("now", Long.parseLong(first(CREATED, input)));
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException(pattern + " is not in " + text);
    }
    return matcher.group(1);
  }

  static boolean leavesBodyUnsigned(ObjectNode inputs) {
    return inputs.path("params").has(MessageRule.UNSIGNED_BODY);
  }

  /** A well-formed key for the same algorithm that made no signature. */
  static String otherKey(MessageAlgorithm algorithm) {
    try {
      if (algorithm.isShared()) {
        return java.util.Base64.getEncoder()
            .encodeToString(
                "another shared secret".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
      boolean rsa = algorithm.label().startsWith("rsa");
      boolean edwards = algorithm == MessageAlgorithm.ED25519;
      var generator =
          java.security.KeyPairGenerator.getInstance(rsa ? "RSA" : edwards ? "Ed25519" : "EC");
      if (rsa) {
        generator.initialize(2048);
      } else if (!edwards) {
        String curve = algorithm == MessageAlgorithm.ECDSA_P384_SHA384 ? "secp384r1" : "secp256r1";
        generator.initialize(new java.security.spec.ECGenParameterSpec(curve));
      }
      return java.util.Base64.getEncoder()
          .encodeToString(generator.generateKeyPair().getPublic().getEncoded());
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
