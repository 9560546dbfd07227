package dev.gatehouse.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads lines as bytes, and remembers of one that is too long only its beginning. */
final class Lines {
  private static final int KEEP = 1 << 20;

  private final InputStream in;
  private final int maxBytes;
  private final byte[] buffer = new byte[1 << 16];
  private int start;
  private int end;
  private byte[] line = new byte[1 << 12];
  private int length;
  private boolean tooLong;

  Lines(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /** Reads the next line; false at the end. */
  boolean next() throws IOException {
    length = 0;
    tooLong = false;
    if (line.length > KEEP) {
      line = new byte[1 << 12];
    }
    boolean any = false;
    while (true) {
      if (start == end) {
        start = 0;
        end = Math.max(0, in.read(buffer));
        if (end == 0) {
          return any;
        }
      }
      any = true;
      int stop = newline();
      append(start, stop);
      start = Math.min(end, stop + 1);
      if (stop < end) {
        return true;
      }
    }
  }

  private int newline() {
    for (int i = start; i < end; i++) {
      if (buffer[i] == '\n') {
        return i;
      }
    }
    return end;
  }

  private void append(int from, int to) {
    int count = Math.min(to - from, maxBytes - length);
    tooLong |= count < to - from;
    if (length + count > line.length) {
      int grown = (int) Math.min(maxBytes, Math.max(length + count, line.length * 2L));
      line = Arrays.copyOf(line, grown);
    }
    System.arraycopy(buffer, from, line, length, count);
    length += count;
  }

  /** The line's bytes, up to {@link #length}; valid until the next call. */
  byte[] bytes() {
    return line;
  }

  /** How many bytes the line has, without its end. */
  int length() {
    return length;
  }

  /** Whether the line was longer than allowed. */
  boolean isTooLong() {
    return tooLong;
  }

  /** Whether nothing but white space stands on the line. */
  boolean isBlank() {
    for (int i = 0; i < length; i++) {
      if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') {
        return false;
      }
    }
    return !tooLong;
  }

  /** Whether the next line would have to be waited for. */
  boolean wouldBlock() throws IOException {
    return start == end && in.available() == 0;
  }
}
