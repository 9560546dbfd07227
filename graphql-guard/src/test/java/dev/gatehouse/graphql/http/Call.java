package dev.gatehouse.graphql.http;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sends one request over real HTTP. */
final class Call {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final String base;
  private final List<String> headers = new ArrayList<>();
  private String accept = "application/graphql-response+json";
  private String contentType = "application/json";

  private Call(String base) {
    this.base = base;
  }

  static Call to(Door door) {
    return new Call("http://127.0.0.1:" + door.port() + "/graphql");
  }

  Call header(String name, String value) {
    headers.add(name);
    headers.add(value);
    return this;
  }

  Call bearer(String token) {
    return header("Authorization", "Bearer " + token);
  }

  /** Empty: no header. */
  Call accept(String value) {
    accept = value;
    return this;
  }

  /** Empty: no header. */
  Call contentType(String value) {
    contentType = value;
    return this;
  }

  HttpResponse<String> query(String document) {
    return post(new JsonObject().put("query", document).encode());
  }

  HttpResponse<String> post(String body) {
    return post("", body.getBytes(StandardCharsets.UTF_8));
  }

  HttpResponse<String> post(String query, byte[] body) {
    HttpRequest.Builder request = begin(query).POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (!contentType.isEmpty()) {
      request.header("Content-Type", contentType);
    }
    return send(request);
  }

  HttpResponse<String> get(String... namesAndValues) {
    StringBuilder query = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      query
          .append(i == 0 ? '?' : '&')
          .append(namesAndValues[i])
          .append('=')
          .append(URLEncoder.encode(namesAndValues[i + 1], StandardCharsets.UTF_8));
    }
    return send(begin(query.toString()).GET());
  }

  HttpResponse<String> method(String name) {
    return send(begin("").method(name, HttpRequest.BodyPublishers.noBody()));
  }

  private HttpRequest.Builder begin(String query) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + query)).timeout(Duration.ofSeconds(20));
    if (!accept.isEmpty()) {
      request.header("Accept", accept);
    }
    for (int i = 0; i < headers.size(); i += 2) {
      request.header(headers.get(i), headers.get(i + 1));
    }
    return request;
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  static String code(HttpResponse<String> response) {
    return json(response)
        .getJsonArray("errors")
        .getJsonObject(0)
        .getJsonObject("extensions", new JsonObject())
        .getString("code", "");
  }
}
