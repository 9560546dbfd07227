package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A client of {@code graphql-transport-ws} after its upgrade was sent: it introduces itself,
 * subscribes if it is to, and counts its events. The acknowledgement is its first frame.
 */
final class SubscriptionReading implements StreamReaders.Reading, WebSocketFrames.Taker {
  private static final String SWITCHING = "HTTP/1.1 101 ";
  private static final int TEXT = 1;
  private static final int PONG = 10;

  private final SocketChannel channel;
  private final boolean subscribes;
  private final WebSocketFrames socket = new WebSocketFrames(this);
  private final StringBuilder head = new StringBuilder();
  private boolean upgraded;
  private int ended;

  SubscriptionReading(SocketChannel channel, boolean subscribes) {
    this.channel = channel;
    this.subscribes = subscribes;
  }

  @Override
  public int framesIn(ByteBuffer bytes) throws IOException {
    ended = 0;
    while (!upgraded && bytes.hasRemaining()) {
      readHead((char) bytes.get());
    }
    socket.read(bytes);
    return ended;
  }

  private void readHead(char next) throws IOException {
    head.append(next);
    if (next == '\n' && head.indexOf("\r\n\r\n") > 0) {
      if (head.indexOf(SWITCHING) != 0) {
        throw new IllegalStateException("no upgrade: " + head);
      }
      upgraded = true;
      send(TEXT, OrderSubscription.connectionInit().getBytes(UTF_8));
    }
  }

  @Override
  public void message(String start) throws IOException {
    if (start.contains("\"type\":\"next\"")) {
      ended++;
    } else if (start.contains("\"type\":\"connection_ack\"")) {
      ended++;
      if (subscribes) {
        send(TEXT, OrderSubscription.subscribe().getBytes(UTF_8));
      }
    }
  }

  @Override
  public void ping(byte[] payload) throws IOException {
    send(PONG, payload);
  }

  private void send(int opcode, byte[] payload) throws IOException {
    StreamReaders.write(channel, WebSocketFrames.masked(opcode, payload));
  }
}
