package dev.gatehouse.webhook.scheme;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of one request from which its signed content is put together.
 *
 * @param method the method, upper case
 * @param urlForms the URL in each form that a sender may have signed, in the order to try
 * @param time the signed time as it was written, or null
 * @param id the delivery id as it was written, or null
 * @param headers the values of the headers that the content names
 * @param params the scheme's configured constants
 * @param form the form's pairs, sorted and joined, or null until the body is there
 */
public record SignedParts(
    String method,
    List<String> urlForms,
    @Nullable String time,
    @Nullable String id,
    Map<String, String> headers,
    Map<String, String> params,
    byte @Nullable [] form) {

  /** The same with a time that was found in the body. */
  public SignedParts withTime(String text) {
    return new SignedParts(method, urlForms, text, id, headers, params, form);
  }

  /** The same with the form's pairs. */
  public SignedParts withForm(byte[] pairs) {
    return new SignedParts(method, urlForms, time, id, headers, params, pairs);
  }
}
