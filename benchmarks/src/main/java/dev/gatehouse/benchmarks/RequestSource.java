package dev.gatehouse.benchmarks;

import java.nio.ByteBuffer;

/** Requests that are ready to be sent, each of them once. */
interface RequestSource {
  /** Writes the next request; false if there is none left. */
  boolean next(ByteBuffer out);
}
