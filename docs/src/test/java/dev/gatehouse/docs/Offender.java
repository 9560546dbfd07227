package dev.gatehouse.docs;

import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Does what no room may do, so that {@link HouseRulesTest} can see its rules find it. */
@SuppressWarnings({
  "DefaultCharset",
  "JavaUtilDate",
  "NonFinalStaticField",
  "StringCaseLocaleUsage",
  "MutablePublicArray",
  "ThreadSleepMillis",
  "AnnotateFormatMethod",
  "TimeZoneUsage",
  "JavaInstantGetSecondsGetNano"
})
final class Offender {
  static int counter;
  static final String[] SHARED = {"a"};
  private static final AtomicLong COUNT = new AtomicLong();
  private static final String[] KEPT = {"b"};

  private Offender() {}

  static String offend(byte[] bytes) throws InterruptedException {
    LongSupplier clock = System::currentTimeMillis;
    Thread.sleep(clock.getAsLong() - COUNT.incrementAndGet());
    System.out.println(Instant.now() + " " + new Date());
    String text = new String(bytes).toLowerCase() + KEPT[0].getBytes().length;
    return String.format("%d", ++counter) + "%s".formatted(text);
  }
}
