package dev.gatehouse.webhook;

import dev.gatehouse.webhook.WebhookRequest.Header;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of verification: always a value, never an exception, whatever the request holds.
 *
 * <pre>{@code
 * Verification outcome = verifier.verify(request);
 * if (outcome instanceof Verification.Verified verified) {
 *   accept(verified.webhook());
 * }
 * }</pre>
 */
public sealed interface Verification {
  /**
   * The request was made by the holder of a key, within the replay window.
   *
   * @param webhook the proof, and what it proves
   */
  record Verified(VerifiedWebhook webhook) implements Verification {}

  /**
   * The request is not accepted.
   *
   * @param reason why
   */
  record Rejected(RejectReason reason) implements Verification {}

  /**
   * The request is a provider's handshake, and this answers it. It is not a delivery: nothing is
   * handed on.
   *
   * @param name which handshake it is, for audits
   * @param status the HTTP status
   * @param headers the headers to answer with
   * @param body the body to answer with, UTF-8; may be empty
   * @param keyId the key that signed the request or signs the answer; null if none had a part
   * @param confirmation the URL whose call confirms it, already checked against the scheme's hosts;
   *     null unless {@link WebhookVerifier.Builder#dangerouslyConfirmSubscriptions} was said
   */
  record Handshake(
      String name,
      int status,
      List<Header> headers,
      String body,
      @Nullable String keyId,
      @Nullable URI confirmation)
      implements Verification {
    /** Copies the headers. */
    public Handshake {
      headers = List.copyOf(headers);
    }
  }

  /** A refusal for that reason. */
  static Verification rejected(RejectReason reason) {
    return new Rejected(reason);
  }
}
