package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Takes apart what a WebSocket server sends (RFC 6455 §5.2), however it is split over reads; of a
 * message it keeps the start.
 */
final class WebSocketFrames {
  private static final int FINAL = 0x80;
  private static final int OPCODE = 0x0f;
  private static final int CONTROL = 0x08;
  private static final int PING = 0x09;
  private static final int LENGTH = 0x7f;
  private static final int LENGTH_IN_16_BITS = 126;
  private static final int LENGTH_IN_64_BITS = 127;

  /** The longest payload of a control frame, and of those frames whose length is in one byte. */
  private static final int SHORT = 125;

  /** Who is told of what was sent; of pings by their whole payload. */
  interface Taker {
    /** A message of text has ended. */
    void message(String start) throws IOException;

    /** To be answered by the same payload. */
    void ping(byte[] payload) throws IOException;
  }

  private final Taker taker;
  private final ByteBuffer header = ByteBuffer.allocate(10);
  private final ByteBuffer message = ByteBuffer.allocate(SHORT);
  private final ByteBuffer control = ByteBuffer.allocate(SHORT);
  private boolean inPayload;
  private long left;

  WebSocketFrames(Taker taker) {
    this.taker = taker;
  }

  void read(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (inPayload) {
        readPayload(bytes);
      } else {
        header.put(bytes.get());
        endHeader();
      }
      if (inPayload && left == 0) {
        endFrame();
      }
    }
  }

  private void endHeader() {
    if (header.position() < 2 || header.position() < 2 + lengthBytes()) {
      return;
    }
    left =
        switch (lengthBytes()) {
          case 0 -> header.get(1) & LENGTH;
          case Short.BYTES -> Short.toUnsignedInt(header.getShort(2));
          default -> header.getLong(2);
        };
    inPayload = true;
  }

  private int lengthBytes() {
    return switch (header.get(1) & LENGTH) {
      case LENGTH_IN_16_BITS -> Short.BYTES;
      case LENGTH_IN_64_BITS -> Long.BYTES;
      default -> 0;
    };
  }

  private int opcode() {
    return header.get(0) & OPCODE;
  }

  private boolean isControl() {
    return (header.get(0) & CONTROL) != 0;
  }

  private void readPayload(ByteBuffer bytes) {
    ByteBuffer kept = isControl() ? control : message;
    int here = (int) Math.min(left, bytes.remaining());
    int keeps = Math.min(here, kept.remaining());
    kept.put(bytes.slice(bytes.position(), keeps));
    bytes.position(bytes.position() + here);
    left -= here;
  }

  private void endFrame() throws IOException {
    if (opcode() == PING) {
      taker.ping(taken(control));
    } else if (!isControl() && (header.get(0) & FINAL) != 0) {
      taker.message(new String(taken(message), UTF_8));
    }
    control.clear();
    header.clear();
    inPayload = false;
  }

  private static byte[] taken(ByteBuffer kept) {
    byte[] bytes = new byte[kept.flip().remaining()];
    kept.get(bytes).clear();
    return bytes;
  }

  /** A short frame of a client; the mask is of zeros, which change nothing. */
  static ByteBuffer masked(int opcode, byte[] payload) {
    if (payload.length > SHORT) {
      throw new IllegalArgumentException("a client's frames here have at most " + SHORT + " bytes");
    }
    return ByteBuffer.allocate(2 + Integer.BYTES + payload.length)
        .put((byte) (FINAL | opcode))
        .put((byte) (FINAL | payload.length))
        .putInt(0)
        .put(payload)
        .flip();
  }
}
