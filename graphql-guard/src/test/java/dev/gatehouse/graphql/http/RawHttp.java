package dev.gatehouse.graphql.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/** A connection on which any bytes can be sent. */
final class RawHttp implements AutoCloseable {
  private final Socket socket;

  private RawHttp(Socket socket) {
    this.socket = socket;
  }

  static RawHttp open(Door door) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.port());
    socket.setSoTimeout(20_000);
    return new RawHttp(socket);
  }

  static String post(String body) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return head("Content-Type: application/json", "Content-Length: " + length) + body;
  }

  /** The head of a POST with these headers, to its end. */
  static String head(String... headers) {
    return lines("POST /graphql HTTP/1.1", "Host: localhost", String.join("\r\n", headers), "");
  }

  static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }

  /** Asks for a socket, by the key of RFC 6455's own example. */
  static String upgrade(String... headers) {
    return """
        GET /graphql HTTP/1.1
        Host: localhost
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Protocol: graphql-transport-ws
        """
            .replace("\n", "\r\n")
        + lines(headers)
        + (headers.length == 0 ? "" : "\r\n");
  }

  RawHttp write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    return this;
  }

  RawHttp afterwards(Callable<?> wait) throws Exception {
    wait.call();
    return this;
  }

  /** Whether something of the answer is here. */
  boolean isAnswered() {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException closed) {
      return false;
    }
  }

  /** The first line of the answer; empty if the connection ends without one. */
  String status() throws IOException {
    StringBuilder line = new StringBuilder();
    InputStream in = socket.getInputStream();
    for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  /** All that comes until the server closes. */
  String rest() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
