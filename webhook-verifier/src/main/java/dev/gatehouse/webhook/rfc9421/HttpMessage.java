package dev.gatehouse.webhook.rfc9421;

import java.util.ArrayList;
import java.util.List;

/**
 * The head of an HTTP message as signatures see it; nothing in it is believed yet.
 *
 * @param method the method as it was sent; empty for a response
 * @param url the absolute URL that the sender called; empty for a response, or where it is not
 *     known
 * @param status the status of a response; 0 for a request
 * @param fields the header fields in their order, one for each line
 */
public record HttpMessage(String method, String url, int status, List<Field> fields) {
  /** A header field's line. */
  public record Field(String name, String value) {}

  /** Copies the fields. */
  public HttpMessage {
    fields = List.copyOf(fields);
  }

  /** A request. */
  public static HttpMessage request(String method, String url, List<Field> fields) {
    return new HttpMessage(method, url, 0, fields);
  }

  /** A response. */
  public static HttpMessage response(int status, List<Field> fields) {
    return new HttpMessage("", "", status, fields);
  }

  /** Whether this is a response. */
  public boolean isResponse() {
    return status != 0;
  }

  /** The values of all lines of that name, as they came; the case of names does not count. */
  public List<String> values(String name) {
    List<String> values = new ArrayList<>(1);
    for (Field field : fields) {
      if (field.name().length() == name.length() && field.name().equalsIgnoreCase(name)) {
        values.add(field.value());
      }
    }
    return values;
  }

  /** The message with more fields behind its own. */
  public HttpMessage with(List<Field> more) {
    List<Field> all = new ArrayList<>(fields);
    all.addAll(more);
    return new HttpMessage(method, url, status, all);
  }
}
