package dev.gatehouse.webhook;

import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One source's deliveries by their key, and those that are done also in the order of completion.
 *
 * <p>A delivery is 96 bytes in arrays of numbers, and no object: what is remembered for days is
 * neither looked at nor moved by the garbage collector, and of ten thousand deliveries, of which
 * most are in no cache of the processor, one costs a wait or two for memory and not one for each
 * object. Whoever is forgotten leaves its place to the next.
 *
 * <p>It grows by two buckets with each delivery that needs them (linear hashing: W. Litwin, VLDB
 * 1980), and by a page of places at a time, so that no request waits while a million others are
 * moved. Buckets are chosen by a multiplier that senders do not know: none of them can make up ids
 * that share one. When the last delivery is forgotten, so is the room that they took.
 *
 * <p>It is used by one thread at a time. A delivery is spoken of by its place, which is its own
 * until it is removed.
 */
final class ClaimTable {
  /** No place. */
  static final int NONE = -1;

  /** The most deliveries that it can hold. */
  static final int MOST = 1 << 28;

  private static final int FEWEST_BUCKETS = 8;
  private static final int PAGE_BITS = 5;
  private static final int PAGE = 1 << PAGE_BITS;

  // What a place holds, in the order in which it is looked at.
  private static final int ENDS = 0;
  private static final int FENCE = 1;
  // the next one of its bucket, or of the free places; and its status, 0 in flight
  private static final int CHAIN = 2;
  // those that were done before and after it
  private static final int ORDER = 3;
  private static final int KEY = 4;
  private static final int CONTENT = 8;
  private static final int WORDS = 12;
  private static final int DIGEST_WORDS = 4;

  private final long multiplier;

  // The first place of each bucket. Those from whole on hold what was moved out of those from 0 on:
  // whole + added are in use.
  private int[] buckets;
  private int whole;
  private int added;

  private long[][] pages;
  // only of pages that have an answer with headers
  private @Nullable ClaimAnswer[] @Nullable [] answers;
  private int taken;
  private int firstFree;

  private final Room room;
  private int size;
  private int oldestDone;
  private int latestDone;

  /** Where more buckets come from: the heap, which may have no room for them. */
  @FunctionalInterface
  interface Room {
    int[] copyOf(int[] buckets, int length);
  }

  /**
   * An empty table.
   *
   * @param secret any number that senders do not know
   */
  ClaimTable(long secret) {
    this(secret, Arrays::copyOf);
  }

  ClaimTable(long secret, Room room) {
    this.multiplier = secret | 1;
    this.room = room;
    this.buckets = freshBuckets();
    this.whole = FEWEST_BUCKETS;
    this.pages = new long[1][];
    this.answers = new @Nullable ClaimAnswer[1][];
    this.firstFree = NONE;
    this.oldestDone = NONE;
    this.latestDone = NONE;
  }

  private static int[] freshBuckets() {
    int[] buckets = new int[2 * FEWEST_BUCKETS];
    Arrays.fill(buckets, NONE);
    return buckets;
  }

  // as it was made
  private void clear() {
    buckets = freshBuckets();
    whole = FEWEST_BUCKETS;
    added = 0;
    pages = new long[1][];
    answers = new @Nullable ClaimAnswer[1][];
    taken = 0;
    firstFree = NONE;
    size = 0;
    oldestDone = NONE;
    latestDone = NONE;
  }

  /** How many there are. */
  int size() {
    return size;
  }

  /** The place of that delivery, or {@link #NONE}. */
  int find(ClaimKey key) {
    int place = buckets[bucket(hash(key.word(0)))];
    while (place != NONE && !isOf(place, key)) {
      place = high(get(place, CHAIN));
    }
    return place;
  }

  private boolean isOf(int place, ClaimKey key) {
    for (int i = 0; i < DIGEST_WORDS; i++) {
      if (get(place, KEY + i) != key.word(i)) {
        return false;
      }
    }
    return true;
  }

  /** Adds one in flight, of which there must be none yet. */
  void add(ClaimKey key, ContentHash.Value content, long fence, long endsMillis) {
    // half of them stay empty: whoever shares a bucket is one more wait for memory
    while (2 * size >= whole + added) {
      addBucket();
    }
    int place = freePlace();
    set(place, ENDS, endsMillis);
    set(place, FENCE, fence);
    for (int i = 0; i < DIGEST_WORDS; i++) {
      set(place, KEY + i, key.word(i));
    }
    set(place, CONTENT, content.first());
    set(place, CONTENT + 1, content.second());
    set(place, CONTENT + 2, content.third());
    set(place, CONTENT + 3, content.fourth());
    put(place, 0);
    size++;
  }

  private int freePlace() {
    int free = firstFree;
    if (free != NONE) {
      firstFree = high(get(free, CHAIN));
      return free;
    }
    int page = taken >>> PAGE_BITS;
    if (page == pages.length) {
      long[][] morePages = Arrays.copyOf(pages, 2 * page);
      answers = Arrays.copyOf(answers, 2 * page);
      pages = morePages;
    }
    if ((taken & (PAGE - 1)) == 0) {
      pages[page] = new long[PAGE * WORDS];
    }
    return taken++;
  }

  /** Whether its content is that one; takes as long whatever they have in common. */
  boolean isSame(int place, ContentHash.Value content) {
    long difference =
        (get(place, CONTENT) ^ content.first())
            | (get(place, CONTENT + 1) ^ content.second())
            | (get(place, CONTENT + 2) ^ content.third())
            | (get(place, CONTENT + 3) ^ content.fourth());
    return difference == 0;
  }

  long fence(int place) {
    return get(place, FENCE);
  }

  /** When its lease ends or, once it is done, when it is forgotten. */
  long endsMillis(int place) {
    return get(place, ENDS);
  }

  boolean isPast(int place, long nowMillis) {
    return nowMillis >= endsMillis(place);
  }

  boolean isDone(int place) {
    return status(place) != 0;
  }

  private int status(int place) {
    return low(get(place, CHAIN));
  }

  /** What was answered to one that is done. */
  ClaimAnswer answer(int place) {
    @Nullable ClaimAnswer[] page = answers[place >>> PAGE_BITS];
    ClaimAnswer known = page == null ? null : page[place & (PAGE - 1)];
    return known == null ? ClaimAnswer.of(status(place)) : known;
  }

  /** One in flight is done, and the last to be. */
  void complete(int place, ClaimAnswer answer, long endsMillis) {
    if (!answer.headers().isEmpty()) {
      keep(place, answer);
    }
    set(place, ENDS, endsMillis);
    set(place, CHAIN, both(high(get(place, CHAIN)), answer.status()));
    set(place, ORDER, both(latestDone, NONE));
    if (latestDone == NONE) {
      oldestDone = place;
    } else {
      set(latestDone, ORDER, both(high(get(latestDone, ORDER)), place));
    }
    latestDone = place;
  }

  private void keep(int place, @Nullable ClaimAnswer answer) {
    @Nullable ClaimAnswer[] page = answers[place >>> PAGE_BITS];
    if (page == null && answer != null) {
      page = new @Nullable ClaimAnswer[PAGE];
      answers[place >>> PAGE_BITS] = page;
    }
    if (page != null) {
      page[place & (PAGE - 1)] = answer;
    }
  }

  /** Of those that are done, the first to be; or {@link #NONE}. */
  int oldestDone() {
    return oldestDone;
  }

  /** Forgets one; its place is another's from now on. */
  void remove(int place) {
    if (size == 1 && taken > PAGE) {
      clear();
      return;
    }
    int next = high(get(place, CHAIN));
    int bucket = bucket(hash(get(place, KEY)));
    int first = buckets[bucket];
    if (first == place) {
      buckets[bucket] = next;
    } else {
      int previous = first;
      while (high(get(previous, CHAIN)) != place) {
        previous = high(get(previous, CHAIN));
      }
      set(previous, CHAIN, both(next, status(previous)));
    }
    if (isDone(place)) {
      unlink(place);
      keep(place, null);
    }
    set(place, CHAIN, both(firstFree, 0));
    firstFree = place;
    size--;
  }

  private void unlink(int place) {
    long order = get(place, ORDER);
    int before = high(order);
    int after = low(order);
    if (before == NONE) {
      oldestDone = after;
    } else {
      set(before, ORDER, both(high(get(before, ORDER)), after));
    }
    if (after == NONE) {
      latestDone = before;
    } else {
      set(after, ORDER, both(before, low(get(after, ORDER))));
    }
  }

  /** Shows each one in flight, which may be removed then. */
  void forEachInFlight(IntConsumer use) {
    for (int bucket = 0; bucket < whole + added; bucket++) {
      int place = buckets[bucket];
      while (place != NONE) {
        int next = high(get(place, CHAIN));
        if (!isDone(place)) {
          use.accept(place);
        }
        place = next;
      }
    }
  }

  // --- buckets

  /** The most places that a search goes through. */
  int longestBucket() {
    int longest = 0;
    for (int bucket = 0; bucket < whole + added; bucket++) {
      int length = 0;
      for (int place = buckets[bucket]; place != NONE; place = high(get(place, CHAIN))) {
        length++;
      }
      longest = Math.max(longest, length);
    }
    return longest;
  }

  // The upper half of the product, its upper bits first (multiply-shift hashing: M. Dietzfelbinger
  // et al., Journal of Algorithms 25, 1997): the lower ones would depend on few bits of the key.
  private int hash(long keyBegin) {
    return Integer.reverseBytes((int) ((keyBegin * multiplier) >>> 32));
  }

  private int bucket(int hash) {
    int among = hash & (2 * whole - 1);
    return among < whole + added ? among : among - whole;
  }

  private void put(int place, int status) {
    int bucket = bucket(hash(get(place, KEY)));
    set(place, CHAIN, both(buckets[bucket], status));
    buckets[bucket] = place;
  }

  // Of one bucket's entries about half belong into the new one.
  private void addBucket() {
    if (added == whole) {
      // before anything changes: whoever finds no memory for it must find the table as it was
      int[] more = room.copyOf(buckets, 4 * whole);
      Arrays.fill(more, 2 * whole, more.length, NONE);
      buckets = more;
      whole *= 2;
      added = 0;
    }
    int place = buckets[added];
    buckets[added] = NONE;
    added++;
    while (place != NONE) {
      long chain = get(place, CHAIN);
      put(place, low(chain));
      place = high(chain);
    }
  }

  // --- words

  private long get(int place, int word) {
    return pages[place >>> PAGE_BITS][(place & (PAGE - 1)) * WORDS + word];
  }

  private void set(int place, int word, long value) {
    pages[place >>> PAGE_BITS][(place & (PAGE - 1)) * WORDS + word] = value;
  }

  private static long both(int high, int low) {
    return ((long) high << 32) | (low & 0xFFFFFFFFL);
  }

  private static int high(long both) {
    return (int) (both >> 32);
  }

  private static int low(long both) {
    return (int) both;
  }
}
