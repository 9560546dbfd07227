package dev.gatehouse.webhook;

import javax.crypto.Mac;

/** The JDK's own HMAC, where {@link MidstateHmac} cannot be had. */
final class ProviderHmac extends Hmac {
  private final Mac mac;

  /** Takes a MAC that has its key. */
  ProviderHmac(Mac mac) {
    this.mac = mac;
  }

  @Override
  void update(byte[] bytes, int from, int length) {
    mac.update(bytes, from, length);
  }

  @Override
  byte[] finish() {
    return mac.doFinal();
  }

  @Override
  void reset() {
    mac.reset();
  }

  @Override
  Hmac copy() {
    try {
      return new ProviderHmac((Mac) mac.clone());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("this JDK has no HMAC that can be copied", e);
    }
  }
}
