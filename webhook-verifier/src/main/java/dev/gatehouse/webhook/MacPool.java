package dev.gatehouse.webhook;

import org.jspecify.annotations.Nullable;

/** MACs of one key, ready to use. */
final class MacPool {
  private final Hmac prototype;
  private final ThreadLocal<ContentMac> own = ThreadLocal.withInitial(this::begin);

  MacPool(String algorithm, byte[] key) {
    this.prototype = Hmac.of(algorithm, key);
    // A provider whose MACs cannot be copied has to be found out now, not at the first request.
    begin();
  }

  /** A new MAC, for content that comes over a while. */
  ContentMac begin() {
    synchronized (prototype) {
      return new ContentMac(prototype.copy());
    }
  }

  /** One for content that is at hand, which threads may share; null where there is none. */
  @Nullable MidstateHmac shared() {
    return prototype instanceof MidstateHmac midstate ? midstate : null;
  }

  /** This thread's own, for content that is at hand: fed and finished before it is asked again. */
  ContentMac own() {
    ContentMac mac = own.get();
    mac.reset();
    return mac;
  }
}
