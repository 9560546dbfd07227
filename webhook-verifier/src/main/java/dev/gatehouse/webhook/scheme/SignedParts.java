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
 * @param worked the parts that were worked out of the whole request, by their names
 * @param identity what is signed, without what differs between attempts; null where the template
 *     tells it from the other values
 */
public record SignedParts(
    String method,
    List<String> urlForms,
    @Nullable String time,
    @Nullable String id,
    Map<String, String> headers,
    Map<String, String> params,
    byte @Nullable [] form,
    Map<String, Worked> worked,
    byte @Nullable [] identity) {

  /**
   * A part that was worked out of the whole request.
   *
   * @param signed what is signed
   * @param identity the same without what differs between attempts of one delivery
   */
  public record Worked(byte[] signed, byte[] identity) {}

  /** The values of a request of which no part has to be worked out. */
  public SignedParts(
      String method,
      List<String> urlForms,
      @Nullable String time,
      @Nullable String id,
      Map<String, String> headers,
      Map<String, String> params,
      byte @Nullable [] form) {
    this(method, urlForms, time, id, headers, params, form, Map.of(), null);
  }

  /** The same with a time that was found in the body. */
  public SignedParts withTime(String text) {
    return new SignedParts(method, urlForms, text, id, headers, params, form);
  }

  /** The same with the form's pairs. */
  public SignedParts withForm(byte[] pairs) {
    return new SignedParts(method, urlForms, time, id, headers, params, pairs, worked, identity);
  }

  /** The same with parts that were worked out. */
  public SignedParts withWorked(Map<String, Worked> parts) {
    return new SignedParts(method, urlForms, time, id, headers, params, form, parts, identity);
  }

  /** The same with what identifies the delivery. */
  public SignedParts withIdentity(byte[] content) {
    return new SignedParts(method, urlForms, time, id, headers, params, form, worked, content);
  }
}
