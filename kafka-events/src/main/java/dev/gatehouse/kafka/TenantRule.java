package dev.gatehouse.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Where a record names its tenant; null where it names none, or more than one. */
@FunctionalInterface
interface TenantRule {
  @Nullable String tenantOf(ConsumerRecord<byte[], byte[]> record);

  /** The whole key. */
  static TenantRule key() {
    return record -> text(record.key());
  }

  /** A header that stands there once. */
  static TenantRule header(String name) {
    return record -> only(record, name);
  }

  /** The text of the only header of that name. */
  static @Nullable String only(ConsumerRecord<byte[], byte[]> record, String name) {
    Iterator<Header> headers = record.headers().headers(name).iterator();
    if (!headers.hasNext()) {
      return null;
    }
    byte[] value = headers.next().value();
    return headers.hasNext() ? null : text(value);
  }

  private static @Nullable String text(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
