package dev.gatehouse.events;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads event streams as the HTML standard says, and notes what came. */
final class SseClient implements AutoCloseable {
  /** What a client dispatches: name, data, and the place after it. */
  record Seen(String event, String data, String id) {}

  private final HttpClient http;
  private final int port;

  private SseClient(HttpClient http, int port) {
    this.http = http;
    this.port = port;
  }

  static SseClient http1(Vertx vertx, int port) {
    return new SseClient(vertx.createHttpClient(options()), port);
  }

  static SseClient http2(Vertx vertx, int port) {
    return new SseClient(
        vertx.createHttpClient(
            options().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false)),
        port);
  }

  private static HttpClientOptions options() {
    return new HttpClientOptions().setIdleTimeout(60);
  }

  static String query(String topic) {
    return "topic=" + URLEncoder.encode(topic, StandardCharsets.UTF_8);
  }

  static String query(String topic, String filter) {
    return query(topic) + "&filter=" + URLEncoder.encode(filter, StandardCharsets.UTF_8);
  }

  Stream get(String token, String query, String... headers) {
    return send(HttpMethod.GET, token, query, headers);
  }

  Stream send(HttpMethod method, String token, String query, String... headers) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/events?" + query)
            .addHeader("Accept", "text/event-stream");
    if (!token.isEmpty()) {
      options.addHeader("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      options.putHeader(headers[i], headers[i + 1]);
    }
    return Await.get(http.request(options).compose(this::sent));
  }

  private Future<Stream> sent(HttpClientRequest request) {
    return request
        .send()
        .map(
            response -> {
              Stream stream = new Stream(request, response);
              response.handler(stream::take).endHandler(end -> stream.ended = true);
              response.exceptionHandler(cut -> stream.cut = true);
              return stream;
            });
  }

  @Override
  public void close() {
    Await.get(http.close());
  }

  /** An answer that may go on. */
  static final class Stream {
    final List<Seen> seen = new CopyOnWriteArrayList<>();
    volatile boolean ended;
    volatile boolean cut;
    volatile String id = "";
    volatile String retry = "";
    final AtomicInteger comments = new AtomicInteger();

    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final StringBuilder raw = new StringBuilder();
    private int parsed;
    private String event = "";
    private StringBuilder data = new StringBuilder();
    private boolean hasData;

    private Stream(HttpClientRequest request, HttpClientResponse response) {
      this.request = request;
      this.response = response;
    }

    private synchronized void take(Buffer bytes) {
      raw.append(bytes.toString());
      int end = raw.indexOf("\n", parsed);
      while (end >= 0) {
        line(raw.substring(parsed, end));
        parsed = end + 1;
        end = raw.indexOf("\n", parsed);
      }
    }

    private void line(String line) {
      if (line.isEmpty()) {
        dispatch();
        return;
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (field) {
        case "" -> comments.incrementAndGet();
        case "event" -> event = value;
        case "data" -> {
          data.append(hasData ? "\n" : "").append(value);
          hasData = true;
        }
        case "id" -> id = value;
        case "retry" -> retry = value;
        default -> throw new IllegalStateException("a field that nobody knows: " + line);
      }
    }

    private void dispatch() {
      if (hasData) {
        seen.add(new Seen(event, data.toString(), id));
      }
      event = "";
      data = new StringBuilder();
      hasData = false;
    }

    int status() {
      return response.statusCode();
    }

    String header(String name) {
      String value = response.getHeader(name);
      return value == null ? "" : value;
    }

    synchronized String raw() {
      return raw.toString();
    }

    /** The whole body of an answer that ends. */
    String body() {
      Await.until("the answer ends", () -> ended);
      return raw();
    }

    void pause() {
      response.pause();
    }

    void resume() {
      response.resume();
    }

    void awaitSeen(int count) {
      Await.until(count + " events, of which " + seen.size() + " came", () -> seen.size() >= count);
    }

    List<String> data() {
      return seen.stream().map(Seen::data).toList();
    }

    /** Goes away without a word. */
    void leave() {
      request.reset();
    }
  }
}
