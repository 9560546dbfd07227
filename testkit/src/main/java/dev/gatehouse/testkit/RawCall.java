package dev.gatehouse.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Sends bytes over a connection of their own, and reads the status that comes back. */
final class RawCall {
  static final int CLOSED = 0;
  static final int SILENT = -1;
  private static final int LINE = 12; // HTTP/1.1 200

  private RawCall() {}

  /**
   * The status, {@link #CLOSED} or {@link #SILENT}.
   *
   * @throws IOException if nothing listens there, or it cannot be spoken to over TLS
   */
  static int send(URI to, byte[] bytes, Duration timeout) throws IOException {
    int millis = Math.toIntExact(timeout.toMillis());
    boolean tls = "https".equals(to.getScheme());
    int port = to.getPort() >= 0 ? to.getPort() : tls ? 443 : 80;
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(to.getHost(), port), millis);
      // here, since a handshake waits too
      plain.setSoTimeout(millis);
      return tls ? sendOverTls(plain, to.getHost(), port, bytes) : sendOn(plain, bytes);
    }
  }

  private static int sendOverTls(Socket plain, String host, int port, byte[] bytes)
      throws IOException {
    SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    try (SSLSocket socket = (SSLSocket) factory.createSocket(plain, host, port, true)) {
      socket.startHandshake();
      return sendOn(socket, bytes);
    } catch (SocketTimeoutException silent) {
      return SILENT;
    }
  }

  private static int sendOn(Socket socket, byte[] bytes) throws IOException {
    write(socket, bytes);
    return status(socket.getInputStream());
  }

  // A receiver may answer and close before all is sent; its answer counts, not the broken pipe.
  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException closedMeanwhile) {
      return;
    }
  }

  private static int status(InputStream in) {
    try {
      String line = new String(in.readNBytes(LINE), StandardCharsets.ISO_8859_1);
      return line.matches("HTTP/1\\.[01] [1-9][0-9]{2}") ? Integer.parseInt(line.substring(9)) : 0;
    } catch (SocketTimeoutException silent) {
      return SILENT;
    } catch (IOException reset) {
      return CLOSED;
    }
  }
}
