package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.ContentTemplate;

/**
 * A MAC over content that comes in parts. Short parts are gathered and fed at once: a call into the
 * JDK's digest costs as much as hashing a short part does.
 */
final class ContentMac implements ContentTemplate.Sink {
  private final Hmac mac;
  private final byte[] gathered = new byte[256];
  private int count;

  ContentMac(Hmac mac) {
    this.mac = mac;
  }

  @Override
  public void put(byte[] bytes) {
    if (bytes.length == 1 && count < gathered.length) {
      gathered[count++] = bytes[0];
      return;
    }
    if (bytes.length <= gathered.length - count) {
      System.arraycopy(bytes, 0, gathered, count, bytes.length);
      count += bytes.length;
      return;
    }
    feed();
    mac.update(bytes, 0, bytes.length);
  }

  private void feed() {
    if (count > 0) {
      mac.update(gathered, 0, count);
      count = 0;
    }
  }

  /** The MAC, which the next one may overwrite; what comes next begins another. */
  byte[] finish() {
    feed();
    return mac.finish();
  }

  /** Forgets what was put. */
  void reset() {
    count = 0;
    mac.reset();
  }
}
