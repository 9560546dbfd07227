package dev.gatehouse.webhook.rfc9421;

/**
 * Why a message's signature is not believed.
 *
 * @param flaw the kind of reason
 * @param detail what it is about, in a sentence for the receiver's operator; names fields,
 *     components and parameters, never their values
 */
public record MessageRefusal(Flaw flaw, String detail) {
  /** The kinds of reasons. */
  public enum Flaw {
    /** There is no signature, or none with the label or tag that the receiver chose. */
    MISSING_SIGNATURE,
    /** A field cannot be read, or names what cannot be signed. */
    MALFORMED_SIGNATURE,
    /** A label comes twice. */
    AMBIGUOUS_SIGNATURE,
    /** The parameter {@code alg} or the digest names no algorithm that is known. */
    UNKNOWN_ALGORITHM,
    /** The signature leaves out what the receiver requires. */
    MISSING_COMPONENT,
    /** The signature covers what this message does not have. */
    UNUSABLE_COMPONENT,
    /** The time of creation is required and absent. */
    MISSING_TIME,
    /** A time is not one, or the signature ends before it begins. */
    MALFORMED_TIME,
    /** It was made too long ago, or has expired. */
    TOO_OLD,
    /** It claims to come from the future. */
    TOO_NEW,
    /** The nonce is required and absent. */
    MISSING_NONCE,
    /** The nonce is not plain text of bounded length. */
    MALFORMED_NONCE,
    /** The parameter {@code keyid} names no key that is configured. */
    UNKNOWN_KEY,
    /** No key makes this signature over this message. */
    MISMATCH,
    /** The body is not the one of the digest. */
    BODY_MISMATCH
  }

  /** Carries a refusal out of nested steps; never leaves the package. Without a stack. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never serialised
    private final MessageRefusal refusal;

    RefusedException(Flaw flaw, String detail) {
      super(detail, null, false, false);
      this.refusal = new MessageRefusal(flaw, detail);
    }

    MessageRefusal refusal() {
      return refusal;
    }
  }

  static RefusedException malformed(String detail) {
    return new RefusedException(Flaw.MALFORMED_SIGNATURE, detail);
  }
}
