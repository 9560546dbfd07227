package dev.gatehouse.webhook;

import java.util.Locale;

/**
 * Why a request was not accepted: a closed, stable set of codes.
 *
 * <p>{@link #code} is what verdicts, audits and metrics carry; {@link #httpStatus} what the handler
 * answers. Senders see the status only, unless the source is configured to tell reasons.
 */
public enum RejectReason {
  /** The signature is absent. */
  MISSING_SIGNATURE(400),
  /** The signature is there but cannot be read: wrong grammar, encoding or length. */
  MALFORMED_SIGNATURE(400),
  /** There are signatures, but none of a version that is accepted. */
  UNKNOWN_SIGNATURE_VERSION(401),
  /** No key makes this signature over this request. */
  SIGNATURE_MISMATCH(401),
  /** The time that the scheme signs is absent. */
  MISSING_TIMESTAMP(400),
  /** The time is not written as the scheme demands. */
  MALFORMED_TIMESTAMP(400),
  /** The signed time is before the replay window. */
  TOO_OLD(401),
  /** The signed time is after the replay window. */
  TOO_NEW(401),
  /** The delivery id that the scheme signs is absent. */
  MISSING_ID(400),
  /** The delivery id is not a plain text, or could be split at another place. */
  MALFORMED_ID(400),
  /** A header that must be single came twice with different values. */
  AMBIGUOUS_HEADER(400),
  /** The request names a key that is not configured. */
  UNKNOWN_KEY(401),
  /** The signature was made by a key that is outside its validity window. */
  EXPIRED_KEY(401),
  /** The body is longer than the limit. */
  BODY_TOO_LARGE(413),
  /** The body is encoded in a way of which it is not known which bytes are signed. */
  UNSUPPORTED_CONTENT_ENCODING(415),
  /** The scheme needs to read the body and cannot. */
  MALFORMED_BODY(400),
  /** A handshake's token or challenge is not acceptable. */
  HANDSHAKE_REFUSED(401);

  private final int httpStatus;
  private final String code;

  RejectReason(int httpStatus) {
    this.httpStatus = httpStatus;
    this.code = name().toLowerCase(Locale.ROOT);
  }

  /** The code of contracts and audits, such as {@code too_old}. */
  public String code() {
    return code;
  }

  /** The HTTP status that answers it. */
  public int httpStatus() {
    return httpStatus;
  }
}
