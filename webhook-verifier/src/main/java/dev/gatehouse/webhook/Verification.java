package dev.gatehouse.webhook;

import dev.gatehouse.webhook.WebhookRequest.Header;
import java.util.List;

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
   * @param status the HTTP status
   * @param headers the headers to answer with
   * @param body the body to answer with, UTF-8; may be empty
   */
  record Handshake(int status, List<Header> headers, String body) implements Verification {
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
