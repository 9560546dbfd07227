package dev.gatehouse.webhook;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/** The bytes of what Vert.x reads. */
final class Chunks {
  private Chunks() {}

  /**
   * The bytes of a chunk, which is not to be used any more: its own array where it has one of that
   * length, as those have that came over HTTP. Vert.x copies them off the network, and gives what
   * it gives away for good.
   */
  static byte[] bytesOf(Buffer chunk) {
    if (chunk instanceof BufferInternal own) {
      ByteBuf bytes = own.getByteBuf();
      if (bytes.hasArray() && bytes.arrayOffset() == 0 && bytes.array().length == chunk.length()) {
        return bytes.array();
      }
    }
    return chunk.getBytes();
  }
}
