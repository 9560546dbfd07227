package dev.gatehouse.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A receiver with the mistakes that receivers have: what the attacks must find. */
final class NaiveReceiver implements AutoCloseable {
  private final byte[] key;
  private final HttpServer server;

  NaiveReceiver(byte[] key) throws IOException {
    this.key = key.clone();
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/hook", this::answer);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
  }

  private void answer(HttpExchange exchange) throws IOException {
    int status;
    try {
      status = verify(exchange) ? 204 : 401;
    } catch (IOException | GeneralSecurityException | RuntimeException broken) {
      status = 500; // mistake: what cannot be read is the server's fault
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private boolean verify(HttpExchange exchange) throws IOException, GeneralSecurityException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String id = exchange.getRequestHeaders().getFirst("webhook-id");
    String time = exchange.getRequestHeaders().getFirst("webhook-timestamp");
    Long.parseLong(time); // mistake: read, and never compared
    String given = exchange.getRequestHeaders().getFirst("webhook-signature");
    if (given == null) {
      String query = exchange.getRequestURI().getQuery(); // mistake: from anywhere
      given = query.substring(query.indexOf('=') + 1);
    }
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    String content = id + "." + time + "." + body.strip(); // mistake: not the bytes that came
    String right =
        "v1,"
            + Base64.getEncoder()
                .encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
    return right.startsWith(given); // mistake: a prefix is enough
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
