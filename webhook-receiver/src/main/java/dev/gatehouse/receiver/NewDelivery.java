package dev.gatehouse.receiver;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A delivery with what the inbox adds to it, ready to become a row.
 *
 * @param at its place among those that are stored together
 * @param claim what it is claimed by; null if it claims nothing, as what was rejected
 * @param due when it is due; null if it is not to be delivered
 */
record NewDelivery(
    int at,
    long id,
    DeliveryState state,
    byte @Nullable [] claim,
    byte[] fingerprint,
    @Nullable Long due,
    Sealed content,
    Incoming incoming) {
  static byte[] fingerprintOf(Incoming delivery) {
    return Arrays.copyOf(delivery.fingerprint().toBytes(), ClaimForm.DIGEST_BYTES);
  }

  /** What became of it, if its claim is held by that row already; null if the claim has ended. */
  @Nullable Stored against(Claimed earlier) {
    if (earlier.dedupeUntil() <= incoming.receivedAt().toEpochMilli()) {
      return null;
    }
    return Arrays.equals(earlier.fingerprint(), fingerprint)
        ? new Stored.Duplicate(earlier.id())
        : new Stored.Conflict();
  }

  /** The row that holds a claim. */
  record Claimed(long id, byte[] fingerprint, long dedupeUntil) {}
}
