package dev.gatehouse.webhook.scheme;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request by which a provider asks whether the endpoint is really the customer's, and the answer.
 *
 * <p>What is echoed has to keep to an alphabet and a length, so that an answer can be neither
 * script nor, where the answer is a MAC, a signature over something that would pass as a delivery.
 *
 * @param name what it is called in audits
 * @param method the method it comes with
 * @param query the query parameters that tell it, with their values
 * @param json the JSON pointers that tell it, with the scalars that must stand there
 * @param signed whether the request must be signed like a delivery
 * @param compare what must equal a configured constant; null if nothing
 * @param echo what is echoed; null if nothing
 * @param answer the answer
 */
public record Handshake(
    String name,
    String method,
    Map<String, String> query,
    Map<String, String> json,
    boolean signed,
    @Nullable Compare compare,
    @Nullable Echo echo,
    Answer answer) {

  /**
   * A constant-time comparison with a configured constant.
   *
   * @param in where the candidate stands
   * @param param the constant's name
   */
  public record Compare(ValueSource in, String param) {}

  /**
   * A value that the answer repeats.
   *
   * @param in where it stands
   * @param alphabet the characters that may occur
   * @param maxLength the largest number of characters
   */
  public record Echo(ValueSource in, Alphabet alphabet, int maxLength) {
    /** Whether the value may be echoed. */
    public boolean allows(String value) {
      return !value.isEmpty()
          && value.length() <= maxLength
          && value.chars().allMatch(alphabet::contains);
    }
  }

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param contentType the content type; empty if there is no body
   * @param body the body; {@code {echo}} stands for the echoed value, {@code {hmac-sha256-hex}} for
   *     its MAC under the key that signed the request
   */
  public record Answer(int status, String contentType, String body) {}

  /** Alphabets for echoed values; none holds a quote, an angle bracket or a white space. */
  public enum Alphabet {
    /** {@code 0-9}. */
    DIGITS,
    /** {@code A-Z a-z 0-9}. */
    ALPHANUMERIC,
    /** {@code A-Z a-z 0-9 - . _ ~} (RFC 3986, unreserved). */
    UNRESERVED,
    /** {@code A-Z a-z 0-9 - _}. */
    BASE64URL;

    boolean contains(int c) {
      if (c >= '0' && c <= '9') {
        return true;
      }
      if (this == DIGITS) {
        return false;
      }
      if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        return true;
      }
      return switch (this) {
        case UNRESERVED -> "-._~".indexOf(c) >= 0;
        case BASE64URL -> "-_".indexOf(c) >= 0;
        default -> false;
      };
    }
  }
}
