package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.SignedParts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The MAC of one key over a body that is still coming. It is used once. */
final class RunningMac {
  private final int keyAt;
  private final int acceptance;
  private @Nullable ContentMac mac;

  private RunningMac(int keyAt, int acceptance, ContentMac mac) {
    this.keyAt = keyAt;
    this.acceptance = acceptance;
    this.mac = mac;
  }

  /** Begins with the first key that may have made the first signature; null if none can run. */
  static @Nullable RunningMac begin(RequestHead head, List<KeyRing.Entry<VerifyingKey>> keys) {
    ContentTemplate template = head.content().template();
    if (template == null || !template.isStreamable()) {
      return null;
    }
    int acceptance = head.signatures().acceptance(0);
    for (int i = 0; i < keys.size(); i++) {
      VerifyingKey key = keys.get(i).key();
      if (key.mayMake(head.signatures().place(0)) && key.hasMac(acceptance)) {
        ContentMac mac = key.macs(acceptance).begin();
        template.feedPrefix(head.parts(), 0, mac);
        return new RunningMac(i, acceptance, mac);
      }
    }
    return null;
  }

  /** Takes the next bytes of the body. */
  void update(byte[] chunk) {
    if (mac != null) {
      mac.put(chunk);
    }
  }

  /** Ends the body; null if this is the MAC of another key, acceptance or form of the URL. */
  byte @Nullable [] finish(
      int key, int asAcceptance, ContentTemplate template, SignedParts parts, int form) {
    ContentMac running = mac;
    if (running == null || key != keyAt || asAcceptance != acceptance || form != 0) {
      return null;
    }
    mac = null;
    template.feedSuffix(parts, form, running);
    return running.finish();
  }
}
