package dev.gatehouse.kafka;

import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What was fetched of one partition and is not published yet, and how far it is done. One record is
 * published at a time, so that none overtakes one that has to be tried again. Safe for any thread.
 */
final class PartitionFlow {
  private final int most;
  private final int atOnce;
  private final long mostBytes;
  private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean busy;
  private boolean revoked;
  private long done = -1;
  private long committed = -1;

  PartitionFlow(int most, long mostBytes) {
    this.most = most;
    this.mostBytes = mostBytes;
    this.atOnce = atOnce(most);
  }

  /** How many may be fetched at once where at most so many may wait. */
  static int atOnce(int most) {
    return Math.max(1, most / 2);
  }

  synchronized void add(ConsumerRecord<byte[], byte[]> record) {
    waiting.addLast(record);
    bytes += bytes(record);
  }

  /** The next record to publish, if none is being published; it must be told {@link #finished}. */
  synchronized @Nullable ConsumerRecord<byte[], byte[]> begin() {
    if (busy || revoked || waiting.isEmpty()) {
      return null;
    }
    busy = true;
    return waiting.peekFirst();
  }

  /** The record was published, refused or set aside. */
  synchronized void finished(ConsumerRecord<byte[], byte[]> record) {
    busy = false;
    if (!revoked) {
      waiting.pollFirst();
      bytes -= bytes(record);
      done = record.offset() + 1;
    }
  }

  /** Whether what is fetched next could be more records than may wait, or as many bytes wait. */
  synchronized boolean isFull() {
    return waiting.size() > most - atOnce || bytes >= mostBytes;
  }

  private static long bytes(ConsumerRecord<byte[], byte[]> record) {
    long bytes = length(record.key()) + length(record.value());
    for (Header header : record.headers()) {
      bytes += length(header.value());
    }
    return bytes;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  synchronized int size() {
    return waiting.size();
  }

  /** The offset to commit; -1 if there is nothing new. */
  synchronized long toCommit() {
    return done == committed ? -1 : done;
  }

  synchronized void committed(long offset) {
    committed = offset;
  }

  /** Another consumer has it now: what is still here will be read there. */
  synchronized void revoke() {
    revoked = true;
    waiting.clear();
    bytes = 0;
  }

  synchronized boolean isRevoked() {
    return revoked;
  }
}
