package dev.gatehouse.webhook;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as a verifier sees it: nothing in it is believed yet.
 *
 * <p>The body is the raw bytes as they came; the URL is the one that the sender called, which
 * behind a proxy is not the one that this server saw.
 */
public final class WebhookRequest {
  private final String method;
  private final String url;
  private final Headers headers;
  private final byte[] body;

  private WebhookRequest(String method, String url, Headers headers, byte[] body) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
  }

  /**
   * A request whose body is at hand.
   *
   * @param method the method, upper case
   * @param url the absolute URL that the sender called; empty where no scheme signs it
   * @param headers the headers
   * @param body the raw bytes; kept, not copied
   */
  public static WebhookRequest of(String method, String url, Headers headers, byte[] body) {
    return new WebhookRequest(method, url, headers, body);
  }

  /** A POST of that text, for tests and tools. */
  public static WebhookRequest post(String url, Headers headers, String body) {
    return of("POST", url, headers, body.getBytes(StandardCharsets.UTF_8));
  }

  /** The method, upper case. */
  public String method() {
    return method;
  }

  /** The absolute URL that the sender called; may be empty. */
  public String url() {
    return url;
  }

  /** The headers. */
  public Headers headers() {
    return headers;
  }

  /** The raw body; not a copy, do not change it. */
  byte[] bodyBytes() {
    return body;
  }

  /** The raw body, copied. */
  public Buffer body() {
    return Buffer.buffer(body);
  }

  /** Look-up of headers by name, without regard to the name's case. */
  public interface Headers {
    /** The first value of that name, or null. */
    @Nullable String first(String name);

    /** Whether the name came more than once with different values. */
    boolean isAmbiguous(String name);

    /** All headers in their order, as name and value. */
    List<Header> all();

    /** Headers from Vert.x, read in place. */
    static Headers of(MultiMap headers) {
      return new VertxHeaders(headers);
    }

    /** Headers from a list. */
    static Headers of(List<Header> headers) {
      return new ListedHeaders(headers);
    }

    /** Headers from names and values in turn. */
    static Headers of(String... namesAndValues) {
      if (namesAndValues.length % 2 != 0) {
        throw new IllegalArgumentException("a header lacks its value");
      }
      List<Header> headers = new ArrayList<>(namesAndValues.length / 2);
      for (int i = 0; i < namesAndValues.length; i += 2) {
        headers.add(new Header(namesAndValues[i], namesAndValues[i + 1]));
      }
      return of(headers);
    }
  }

  /** A header's name and value. */
  public record Header(String name, String value) {}

  private record VertxHeaders(MultiMap headers) implements Headers {
    @Override
    public @Nullable String first(String name) {
      return headers.get(name);
    }

    @Override
    public boolean isAmbiguous(String name) {
      List<String> values = headers.getAll(name);
      for (int i = 1; i < values.size(); i++) {
        if (!values.get(i).equals(values.get(0))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public List<Header> all() {
      return headers.entries().stream().map(e -> new Header(e.getKey(), e.getValue())).toList();
    }
  }

  private static final class ListedHeaders implements Headers {
    private final Header[] headers;

    private ListedHeaders(List<Header> headers) {
      this.headers = headers.toArray(Header[]::new);
    }

    @Override
    public @Nullable String first(String name) {
      for (Header header : headers) {
        if (header.name().equalsIgnoreCase(name)) {
          return header.value();
        }
      }
      return null;
    }

    @Override
    public boolean isAmbiguous(String name) {
      String first = null;
      for (Header header : headers) {
        if (!header.name().equalsIgnoreCase(name)) {
          continue;
        }
        if (first == null) {
          first = header.value();
        } else if (!first.equals(header.value())) {
          return true;
        }
      }
      return false;
    }

    @Override
    public List<Header> all() {
      return List.of(headers);
    }
  }
}
