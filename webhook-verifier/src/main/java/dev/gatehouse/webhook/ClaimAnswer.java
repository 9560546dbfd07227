package dev.gatehouse.webhook;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The answer that a duplicate gets again: a status and chosen headers, never cookies or
 * credentials.
 *
 * @param status the HTTP status, 200 to 299
 * @param headers the headers
 */
public record ClaimAnswer(int status, Map<String, String> headers) {
  private static final int MAX_TEXT = 0xFFFF;

  /** Copies the headers and checks the status. */
  public ClaimAnswer {
    if (status < 200 || status > 299) {
      throw new IllegalArgumentException("only a success is remembered, not " + status);
    }
    headers = Map.copyOf(headers);
  }

  /** An answer without headers. */
  public static ClaimAnswer of(int status) {
    return new ClaimAnswer(status, Map.of());
  }

  /**
   * The answer as stores keep it: one byte for the status, then each header's name and value, with
   * two bytes of length before each. A plain 204 is one byte.
   *
   * @throws IllegalArgumentException if a header is longer than 65,535 bytes
   */
  public byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(status - 200);
    // sorted, so that equal answers are equal bytes
    new TreeMap<>(headers)
        .forEach(
            (name, value) -> {
              write(out, name);
              write(out, value);
            });
    return out.toByteArray();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static ClaimAnswer fromBytes(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      int status = 200 + in.get();
      Map<String, String> headers = new HashMap<>();
      while (in.hasRemaining()) {
        headers.put(read(in), read(in));
      }
      return new ClaimAnswer(status, headers);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("the stored answer is cut short", e);
    }
  }

  private static void write(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_TEXT) {
      throw new IllegalArgumentException("a remembered header is longer than " + MAX_TEXT);
    }
    out.write(bytes.length >> 8);
    out.write(bytes.length);
    out.writeBytes(bytes);
  }

  private static String read(ByteBuffer in) {
    byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
