package dev.gatehouse.cli;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.RejectReason;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code verify} will say of a request that was signed. */
final class Signed {
  private Signed() {}

  /**
   * Why a receiver refuses it although its signature is right, in a line that begins with the
   * option to change; empty if it does not, or that cannot be told because the secret is a private
   * key. To sign such a request is no mistake: it tries out a receiver.
   */
  static Optional<String> flaw(
      Scheme scheme,
      List<Secret> secrets,
      Map<String, String> params,
      Outgoing request,
      List<Header> made) {
    List<Header> all = new ArrayList<>(request.headers().all());
    all.addAll(made);
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme)
            .secrets(SecretSource.of(secrets.toArray(Secret[]::new)))
            .clock(request::time);
    params.forEach(builder::param);
    try {
      Verification verdict =
          builder
              .build()
              .verify(
                  WebhookRequest.of(
                      request.method(), request.url(), Headers.of(all), request.body()));
      return verdict instanceof Verification.Rejected rejected
          ? line(scheme, rejected.reason())
          : Optional.empty();
    } catch (IllegalArgumentException privateKey) {
      return Optional.empty();
    }
  }

  private static Optional<String> line(Scheme scheme, RejectReason reason) {
    // The seed of a key may pass for a public key, which it is not.
    boolean untold = scheme.hasPublicKeys() && reason == RejectReason.SIGNATURE_MISMATCH;
    return untold
        ? Optional.empty()
        : Optional.of(
            option(scheme, reason) + ": verify rejects what was signed here: " + reason.code());
  }

  private static String option(Scheme scheme, RejectReason reason) {
    return switch (reason) {
      case MISSING_ID, MALFORMED_ID -> isIdInBody(scheme) ? "--body" : "--id";
      case MISSING_TIMESTAMP, MALFORMED_TIMESTAMP, TOO_OLD, TOO_NEW ->
          scheme.hasTimeInBody() ? "--body" : "--now";
      case MALFORMED_BODY, BODY_TOO_LARGE -> "--body";
      case UNKNOWN_KEY, EXPIRED_KEY -> "--secret";
      default -> "--header";
    };
  }

  private static boolean isIdInBody(Scheme scheme) {
    return scheme.variants().stream()
        .flatMap(variant -> variant.ids().stream())
        .anyMatch(id -> id.kind() == ValueSource.Kind.JSON);
  }
}
