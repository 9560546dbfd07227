package dev.gatehouse.webhook;

import java.util.Map;

/**
 * The answer that a duplicate gets again: a status and chosen headers, never cookies or
 * credentials.
 *
 * @param status the HTTP status, 200 to 299
 * @param headers the headers
 */
public record ClaimAnswer(int status, Map<String, String> headers) {
  /** Copies the headers and checks the status. */
  public ClaimAnswer {
    if (status < 200 || status > 299) {
      throw new IllegalArgumentException("only a success is remembered, not " + status);
    }
    headers = Map.copyOf(headers);
  }

  /** An answer without headers. */
  public static ClaimAnswer of(int status) {
    return new ClaimAnswer(status, Map.of());
  }
}
