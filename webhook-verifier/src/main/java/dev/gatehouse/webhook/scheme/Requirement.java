package dev.gatehouse.webhook.scheme;

import java.util.HexFormat;

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
   * <p>It has to be the last parameter, as the sender appends it: a form whose text holds {@code
   * &bodySHA256=…&} could otherwise be moved into the URL, and a body of anybody's would pass.
   *
   * @param query the parameter's name
   */
  record BodyHash(String query) implements Requirement {
    /** Whether this URL ends with the hash. */
    public boolean isMetBy(String url, byte[] bodyHash) {
      String parameter = query + "=" + HexFormat.of().formatHex(bodyHash);
      return url.endsWith("?" + parameter) || url.endsWith("&" + parameter);
    }
  }

  /** A body, if there is one, must be a form, because only a form's pairs are signed. */
  record FormBody() implements Requirement {}

  /**
   * The body must be a form of which this is the only field, so that all of it is signed.
   *
   * @param name the field's name
   */
  record OnlyField(String name) implements Requirement {}
}
