package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.ContentTemplate;
import javax.crypto.Mac;

/**
 * A MAC over content that comes in parts. Short parts are gathered and fed at once: a call into the
 * JDK's MAC costs as much as hashing a short part does.
 */
final class ContentMac implements ContentTemplate.Sink {
  private final Mac mac;
  private final byte[] gathered = new byte[256];
  private int count;

  ContentMac(Mac mac) {
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
    mac.update(bytes);
  }

  private void feed() {
    if (count > 0) {
      mac.update(gathered, 0, count);
      count = 0;
    }
  }

  /** The MAC; what comes next begins another one. */
  byte[] finish() {
    feed();
    return mac.doFinal();
  }

  /** Forgets what was put. */
  void reset() {
    count = 0;
    mac.reset();
  }
}
