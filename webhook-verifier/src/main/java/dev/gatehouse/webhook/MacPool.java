package dev.gatehouse.webhook;

import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * MACs of one key, ready to use: setting up a MAC costs as much as hashing 200 bytes, so they are
 * kept, a few for each thread.
 */
final class MacPool {
  private static final int KEPT_PER_THREAD = 16;

  private final Mac prototype;
  private final ThreadLocal<Deque<ContentMac>> idle = ThreadLocal.withInitial(ArrayDeque::new);

  MacPool(String algorithm, byte[] key) {
    try {
      this.prototype = Mac.getInstance(algorithm);
      prototype.init(new SecretKeySpec(key, algorithm));
      // A provider whose MACs cannot be copied has to be found out now, not at the first request.
      give(new ContentMac(copy()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no usable " + algorithm, e);
    }
  }

  /** A MAC to which nothing was fed. */
  ContentMac take() {
    ContentMac mac = idle.get().pollLast();
    return mac == null ? new ContentMac(copy()) : mac;
  }

  /** Takes back a MAC that was finished. */
  void give(ContentMac mac) {
    Deque<ContentMac> kept = idle.get();
    if (kept.size() < KEPT_PER_THREAD) {
      kept.addLast(mac);
    }
  }

  /** Takes back a MAC to which something may have been fed. */
  void giveUnfinished(ContentMac mac) {
    mac.reset();
    give(mac);
  }

  private Mac copy() {
    try {
      synchronized (prototype) {
        return (Mac) prototype.clone();
      }
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a MAC that was cloned before", e);
    }
  }
}
