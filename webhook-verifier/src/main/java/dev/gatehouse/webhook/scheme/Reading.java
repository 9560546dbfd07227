package dev.gatehouse.webhook.scheme;

import org.jspecify.annotations.Nullable;

/**
 * What of a scheme can be judged only over the whole request, and how much of the body its
 * signature covers.
 *
 * @param algorithmIn where the request says which of the accepted algorithms it uses; null if it
 *     does not
 * @param headerList the list of signed headers that comes with the request; null if there is none
 * @param covers how much of the body is signed
 * @param minimum the param that names the weakest algorithm to accept; empty if there is none
 */
public record Reading(
    @Nullable ValueSource algorithmIn,
    @Nullable HeaderList headerList,
    Covers covers,
    String minimum) {

  /** How much of the body a signature covers. */
  public enum Covers {
    /** All of it. */
    BODY,
    /** Some fields of it; the others are whatever somebody on the way made of them. */
    FIELDS,
    /** A checksum of it, to which another body is easily made. */
    CHECKSUM,
    /** Nothing of it. */
    NOTHING
  }
}
