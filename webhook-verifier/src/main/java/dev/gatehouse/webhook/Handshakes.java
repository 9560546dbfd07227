package dev.gatehouse.webhook;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Recognises a provider's handshakes and makes their answers. */
final class Handshakes {
  private static final Header NO_SNIFF = new Header("X-Content-Type-Options", "nosniff");

  private Handshakes() {}

  /** The answer to an unsigned handshake, its refusal, or null if the request is none. */
  static @Nullable Verification unsigned(
      Scheme scheme, RequestHead head, Map<String, String> params) {
    for (Handshake handshake : scheme.handshakes()) {
      if (!handshake.signed() && isTold(handshake, head)) {
        return answer(handshake, head, params, Map.of(), null, 0);
      }
    }
    return null;
  }

  /** The JSON pointers that signed handshakes of the scheme read. */
  static Set<String> pointers(Scheme scheme) {
    Set<String> pointers = new LinkedHashSet<>();
    for (Handshake handshake : scheme.handshakes()) {
      if (!handshake.signed()) {
        continue;
      }
      pointers.addAll(handshake.json().keySet());
      Handshake.Echo echo = handshake.echo();
      if (echo != null && echo.in().kind() == ValueSource.Kind.JSON) {
        pointers.add(echo.in().name());
      }
    }
    return pointers;
  }

  /** The answer to a handshake whose signature was right, its refusal, or null if it is none. */
  static @Nullable Verification signed(
      Scheme scheme,
      RequestHead head,
      Map<String, String> params,
      Map<String, String> json,
      VerifyingKey key,
      int acceptance) {
    for (Handshake handshake : scheme.handshakes()) {
      boolean told =
          handshake.signed()
              && isTold(handshake, head)
              && handshake.json().entrySet().stream()
                  .allMatch(e -> e.getValue().equals(json.get(e.getKey())));
      if (told) {
        return answer(handshake, head, params, json, key, acceptance);
      }
    }
    return null;
  }

  private static boolean isTold(Handshake handshake, RequestHead head) {
    return handshake.method().equals(head.method())
        && handshake.query().entrySet().stream()
            .allMatch(
                e -> head.queryParameter(e.getKey()).filter(e.getValue()::equals).isPresent());
  }

  private static Verification answer(
      Handshake handshake,
      RequestHead head,
      Map<String, String> params,
      Map<String, String> json,
      @Nullable VerifyingKey key,
      int acceptance) {
    if (!passesComparison(handshake, head, params)) {
      return Verification.rejected(RejectReason.HANDSHAKE_REFUSED);
    }
    String echoed = "";
    Handshake.Echo echo = handshake.echo();
    if (echo != null) {
      Optional<String> value =
          echo.in().kind() == ValueSource.Kind.JSON
              ? Optional.ofNullable(json.get(echo.in().name()))
              : head.queryParameter(echo.in().name());
      if (value.isEmpty() || !echo.allows(value.get())) {
        return Verification.rejected(RejectReason.HANDSHAKE_REFUSED);
      }
      echoed = value.get();
    }
    return respond(handshake.answer(), echoed, key, acceptance);
  }

  private static boolean passesComparison(
      Handshake handshake, RequestHead head, Map<String, String> params) {
    Handshake.Compare compare = handshake.compare();
    if (compare == null) {
      return true;
    }
    String expected = params.get(compare.param());
    String given = head.queryParameter(compare.in().name()).orElse("");
    return expected != null
        && !expected.isEmpty()
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8));
  }

  private static Verification respond(
      Handshake.Answer answer, String echoed, @Nullable VerifyingKey key, int acceptance) {
    String body = answer.body();
    if (body.contains("{hmac-sha256-hex}")) {
      byte[] mac =
          key == null ? null : key.hmac(acceptance, echoed.getBytes(StandardCharsets.UTF_8));
      if (mac == null) {
        return Verification.rejected(RejectReason.HANDSHAKE_REFUSED);
      }
      body = body.replace("{hmac-sha256-hex}", Encoding.HEX.encode(mac));
    }
    List<Header> headers = new ArrayList<>();
    if (!answer.contentType().isEmpty()) {
      headers.add(new Header("Content-Type", answer.contentType()));
      headers.add(NO_SNIFF);
    }
    return new Verification.Handshake(answer.status(), headers, body.replace("{echo}", echoed));
  }
}
