package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ChunksTest {
  private static final byte[] TEXT = "0123456789".getBytes(StandardCharsets.US_ASCII);

  @Test
  void bytes_ofABufferWithAnArrayOfItsLength_areThatArray() {
    byte[] own = TEXT.clone();

    assertThat(Chunks.bytesOf(BufferInternal.buffer(Unpooled.wrappedBuffer(own)))).isSameAs(own);
  }

  @Test
  void bytes_ofAPartOfAnArray_areThatPart() {
    byte[] own = TEXT.clone();

    assertThat(Chunks.bytesOf(BufferInternal.buffer(Unpooled.wrappedBuffer(own, 0, 4))))
        .asString(StandardCharsets.US_ASCII)
        .isEqualTo("0123");
    assertThat(Chunks.bytesOf(BufferInternal.buffer(Unpooled.wrappedBuffer(own, 6, 4))))
        .asString(StandardCharsets.US_ASCII)
        .isEqualTo("6789");
  }

  @Test
  void bytes_outsideOfTheHeapOrWithRoomBehindThem_areCopied() {
    assertThat(Chunks.bytesOf(BufferInternal.buffer(Unpooled.directBuffer().writeBytes(TEXT))))
        .isEqualTo(TEXT);
    assertThat(Chunks.bytesOf(Buffer.buffer(64).appendBytes(TEXT))).isEqualTo(TEXT);
    assertThat(Chunks.bytesOf(Buffer.buffer())).isEmpty();
  }
}
