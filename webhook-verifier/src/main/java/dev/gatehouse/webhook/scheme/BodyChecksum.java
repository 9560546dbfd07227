package dev.gatehouse.webhook.scheme;

import java.util.zip.CRC32;

/** The checksum of a body as PayPal writes it; a pure function. */
public final class BodyChecksum {
  private BodyChecksum() {}

  /** CRC-32 (ISO 3309) in decimal, without a sign. Anybody can make another body to it. */
  public static String crc32(byte[] body) {
    CRC32 crc = new CRC32();
    crc.update(body);
    return Long.toString(crc.getValue());
  }
}
