package dev.gatehouse.webhook;

import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as a verifier sees it: nothing in it is believed yet.
 *
 * <p>The body is the raw bytes as they came; the URL is the one that the sender called, which
 * behind a proxy is not the one that this server saw.
 */
public final class WebhookRequest {
  /** What no header's value can be: HTTP allows no line feed in one. */
  static final String AMBIGUOUS = "\nambiguous";

  private static final byte[] NO_BODY = {};

  private final String method;
  private final Headers headers;
  private final byte[] body;
  // one of the two is there; whoever asks first works the URL out, always to the same text
  private @Nullable String url;
  private final @Nullable Supplier<String> urlOnDemand;

  private WebhookRequest(
      String method,
      @Nullable String url,
      @Nullable Supplier<String> urlOnDemand,
      Headers headers,
      byte[] body) {
    this.method = method;
    this.url = url;
    this.urlOnDemand = urlOnDemand;
    this.headers = headers;
    this.body = body;
  }

  /**
   * A request whose body is at hand.
   *
   * @param method the method, upper case
   * @param url the absolute URL that the sender called; empty where no scheme signs it
   * @param headers the headers
   * @param body the raw bytes; kept, not copied: do not change them
   */
  public static WebhookRequest of(String method, String url, Headers headers, byte[] body) {
    return new WebhookRequest(method, url, null, headers, body);
  }

  /**
   * A request whose body is still to come.
   *
   * @param url gives its URL, when somebody asks: most schemes do not sign it
   */
  static WebhookRequest head(String method, Supplier<String> url, Headers headers) {
    return new WebhookRequest(method, null, url, headers, NO_BODY);
  }

  /** The same request with a body; kept, not copied. */
  WebhookRequest withBody(byte[] bytes) {
    return new WebhookRequest(method, url, urlOnDemand, headers, bytes);
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
    String known = url;
    if (known == null) {
      known = Objects.requireNonNull(urlOnDemand).get();
      url = known;
    }
    return known;
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

    /**
     * The value of a name that must be single, found in one search: null if it did not come.
     *
     * @param ambiguous what to answer if it came more than once with different values
     */
    default @Nullable String only(String name, String ambiguous) {
      String first = first(name);
      return first != null && isAmbiguous(name) ? ambiguous : first;
    }

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

  private record VertxHeaders(MultiMap headers) implements Headers, SoughtHeaders.OnePass {
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

    // Of HTTP/1 headers Vert.x would make texts of every name and value; their own chain does not.
    @Override
    public void giveTo(SoughtHeaders sought, @Nullable String[] found) {
      if (headers instanceof HttpHeaders http1) {
        Iterator<Map.Entry<CharSequence, CharSequence>> all = http1.iteratorCharSequence();
        while (all.hasNext()) {
          Map.Entry<CharSequence, CharSequence> header = all.next();
          sought.take(header.getKey(), header.getValue(), found);
        }
        return;
      }
      for (Map.Entry<String, String> header : headers) {
        sought.take(header.getKey(), header.getValue(), found);
      }
    }

    @Override
    public List<Header> all() {
      List<Header> all = new ArrayList<>();
      for (Map.Entry<String, String> header : headers) {
        all.add(new Header(header.getKey(), header.getValue()));
      }
      return Collections.unmodifiableList(all);
    }
  }

  private static final class ListedHeaders implements Headers, SoughtHeaders.OnePass {
    private final Header[] headers;

    private ListedHeaders(List<Header> headers) {
      this.headers = headers.toArray(Header[]::new);
    }

    @Override
    public @Nullable String only(String name, String ambiguous) {
      String only = null;
      for (Header header : headers) {
        if (!isNamed(header, name)) {
          continue;
        }
        if (only != null && !only.equals(header.value())) {
          return ambiguous;
        }
        only = header.value();
      }
      return only;
    }

    @Override
    public @Nullable String first(String name) {
      for (Header header : headers) {
        if (isNamed(header, name)) {
          return header.value();
        }
      }
      return null;
    }

    @Override
    public boolean isAmbiguous(String name) {
      return AMBIGUOUS.equals(only(name, AMBIGUOUS));
    }

    @Override
    public void giveTo(SoughtHeaders sought, @Nullable String[] found) {
      for (Header header : headers) {
        sought.take(header.name(), header.value(), found);
      }
    }

    @Override
    public List<Header> all() {
      return List.of(headers);
    }

    // Most names differ in length or in the last letter, and mostly the case is the same too: only
    // what is left is worth the slow comparison.
    private static boolean isNamed(Header header, String name) {
      String own = header.name();
      int length = name.length();
      return own.length() == length
          && (length == 0 || ((own.charAt(length - 1) ^ name.charAt(length - 1)) & ~0x20) == 0)
          && (own.equals(name) || own.equalsIgnoreCase(name));
    }
  }
}
