package dev.gatehouse.webhook.scheme;

/** A second check beside the signature. */
public sealed interface Requirement {
  /**
   * A header must have a fixed value, such as Box's version.
   *
   * @param header the header's name
   * @param value the value
   */
  record HeaderEquals(String header, String value) implements Requirement {}

  /**
   * A query parameter must be the lower-case hex SHA-256 of the body, as Twilio's {@code
   * bodySHA256}: the URL is signed, and the body through it.
   *
   * @param query the parameter's name
   */
  record BodyHash(String query) implements Requirement {}

  /** A body, if there is one, must be a form, because only a form's pairs are signed. */
  record FormBody() implements Requirement {}
}
