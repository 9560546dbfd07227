package dev.gatehouse.testkit;

import dev.gatehouse.webhook.WebhookRequest.Header;
import java.io.ByteArrayOutputStream;
import java.net.URI;

/** Writes HTTP/1.1 by hand, so that it can be written wrongly. */
final class Wire {
  private Wire() {}

  /** The request as any client writes it. */
  static byte[] plain(SignedRequest request) {
    return framed(request, "Content-Length: " + request.body().length, request.body());
  }

  /** The request's head with these framing lines, then these bytes. */
  static byte[] framed(SignedRequest request, String framing, byte[] rest) {
    URI url = URI.create(request.url());
    return framedFor(request, url.getRawAuthority(), framing, rest);
  }

  static byte[] framedFor(SignedRequest request, String host, String framing, byte[] rest) {
    StringBuilder head = new StringBuilder(request.method());
    head.append(' ').append(target(request.url())).append(" HTTP/1.1\r\nHost: ").append(host);
    for (Header header : request.headers()) {
      head.append("\r\n").append(header.name()).append(": ").append(header.value());
    }
    head.append("\r\n").append(framing).append("\r\n\r\n");
    return join(HostileRequest.bytes(head.toString()), rest);
  }

  /** One chunk a byte, then these trailer lines, each ended by CRLF. */
  static byte[] chunks(byte[] body, String trailers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte b : body) {
      out.writeBytes(HostileRequest.bytes("1\r\n"));
      out.write(b);
      out.writeBytes(HostileRequest.bytes("\r\n"));
    }
    out.writeBytes(HostileRequest.bytes("0\r\n" + trailers + "\r\n"));
    return out.toByteArray();
  }

  static byte[] join(byte[] first, byte[] second) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(first);
    out.writeBytes(second);
    return out.toByteArray();
  }

  private static String target(String text) {
    URI url = URI.create(text);
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }
}
