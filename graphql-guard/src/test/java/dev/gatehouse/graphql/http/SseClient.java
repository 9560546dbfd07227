package dev.gatehouse.graphql.http;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Reads an event stream byte by byte from a connection of its own. */
final class SseClient implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader lines;
  final String status;

  /** An event: its name and its data. */
  record Event(String name, String data) {}

  private SseClient(Socket socket, BufferedReader lines, String status) {
    this.socket = socket;
    this.lines = lines;
    this.status = status;
  }

  static SseClient post(Door door, String document, String... headers) throws IOException {
    String body = new JsonObject().put("query", document).encode();
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    String head =
        RawHttp.lines(
            "POST /graphql HTTP/1.0",
            "Host: localhost",
            "Accept: text/event-stream",
            "Content-Type: application/json",
            "Content-Length: " + length);
    return open(door, head + String.join("", headers) + RawHttp.lines("") + body);
  }

  static SseClient get(Door door, String query, String... headers) throws IOException {
    String head =
        RawHttp.lines(
            "GET /graphql?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8) + " HTTP/1.0",
            "Host: localhost",
            "Accept: text/event-stream");
    return open(door, head + String.join("", headers) + RawHttp.lines(""));
  }

  private static SseClient open(Door door, String request) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.port());
    socket.setSoTimeout(20_000);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    InputStream in = socket.getInputStream();
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    String status = lines.readLine();
    String line = lines.readLine();
    while (line != null && !line.isEmpty()) {
      line = lines.readLine();
    }
    return new SseClient(socket, lines, String.valueOf(status));
  }

  /** The next event; comments are passed over. Null when the stream is over. */
  Event next() throws IOException {
    String name = "";
    StringBuilder data = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty() && !name.isEmpty()) {
        return new Event(name, data.toString());
      }
      if (line.startsWith("event: ")) {
        name = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data.append(line.substring(6));
      }
    }
    return null;
  }

  String line() throws IOException {
    return lines.readLine();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
