package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/** Just enough of HTTP/1.1 to tell an answer's status and where it ends. */
final class Answer {
  private static final byte[] LENGTH = "content-length:".getBytes(US_ASCII);
  private static final int END = '\r' << 24 | '\n' << 16 | '\r' << 8 | '\n';

  private Answer() {}

  /** The length of the answer at the buffer's position, with its body; 0 if it is not all there. */
  static int length(ByteBuffer in) {
    int begin = in.position();
    for (int i = begin; i + 4 <= in.limit(); i++) {
      if (in.get(i) == '\r' && in.getInt(i) == END) {
        int length = i + 4 - begin + contentLength(in, begin, i);
        return length <= in.remaining() ? length : 0;
      }
    }
    return 0;
  }

  /** The status of the answer at the buffer's position. */
  static int status(ByteBuffer in) {
    int at = in.position() + "HTTP/1.1 ".length();
    return (in.get(at) - '0') * 100 + (in.get(at + 1) - '0') * 10 + in.get(at + 2) - '0';
  }

  private static int contentLength(ByteBuffer in, int from, int to) {
    for (int i = from; i < to - LENGTH.length; i++) {
      if (in.get(i) == '\n' && begins(in, i + 1)) {
        int at = i + 1 + LENGTH.length;
        int length = 0;
        for (; at < to && in.get(at) != '\r'; at++) {
          length = in.get(at) == ' ' ? length : length * 10 + in.get(at) - '0';
        }
        return length;
      }
    }
    return 0;
  }

  private static boolean begins(ByteBuffer in, int at) {
    for (int i = 0; i < LENGTH.length; i++) {
      if ((in.get(at + i) | 0x20) != (LENGTH[i] | 0x20)) {
        return false;
      }
    }
    return true;
  }
}
