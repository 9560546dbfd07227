package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimTableTest {
  private static final ClaimAnswer PLAIN = ClaimAnswer.of(204);

  private final Random random = new Random(20_261_128);
  private final ClaimTable table = new ClaimTable(random.nextLong());

  private static ClaimKey key(int number) {
    return ClaimKey.of("", "source", ByteBuffer.allocate(4).putInt(number).array());
  }

  private static ContentHash.Value content(int number) {
    return new ContentHash.Value(0, 0, 0, number);
  }

  private int placeOf(int number) {
    int place = table.find(key(number));
    assertThat(place).as("delivery %s", number).isNotEqualTo(ClaimTable.NONE);
    return place;
  }

  /** What the table is to hold, in maps. */
  private static final class Model {
    private final Map<Integer, Long> inFlight = new HashMap<>();
    private final Map<Integer, ClaimAnswer> done = new HashMap<>();
    private final Deque<Integer> order = new ArrayDeque<>();

    private boolean knows(int number) {
      return inFlight.containsKey(number) || done.containsKey(number);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 40, 5_000})
  void table_changedAtRandom_holdsWhatMapsHold(int numbers) {
    Model model = new Model();
    for (int step = 0; step < 60_000; step++) {
      // long ways up and long ways down, so that it grows, runs empty and grows again
      boolean up = step / 10_000 % 2 == 0;
      change(model, random.nextInt(numbers), random.nextInt(10) < (up ? 8 : 3));
      assertThat(table.size()).isEqualTo(model.inFlight.size() + model.done.size());
      if (step % 1_000 == 0) {
        assertHolds(model, numbers);
      }
    }
    assertHolds(model, numbers);
    new ArrayList<>(model.order).forEach(number -> table.remove(placeOf(number)));
    new ArrayList<>(model.inFlight.keySet()).forEach(number -> table.remove(placeOf(number)));
    assertHolds(new Model(), numbers);
  }

  @Test
  void add_withoutMemoryForMoreBuckets_leavesTheTableAsItWas() {
    boolean[] full = new boolean[1];
    ClaimTable growing =
        new ClaimTable(
            random.nextLong(),
            (buckets, length) -> {
              full[0] = !full[0];
              if (full[0]) {
                throw new OutOfMemoryError("no room, once for each time that it grows");
              }
              return Arrays.copyOf(buckets, length);
            });
    int refused = 0;
    for (int number = 0; number < 5_000; number++) {
      try {
        growing.add(key(number), content(number), number, number);
      } catch (OutOfMemoryError e) {
        refused++;
        number--; // its sender tries again
      }
    }

    assertThat(refused).isGreaterThan(3);
    assertThat(growing.size()).isEqualTo(5_000);
    for (int number = 0; number < 5_000; number++) {
      assertThat(growing.fence(growing.find(key(number)))).isEqualTo(number);
    }
    assertThat(growing.longestBucket()).isLessThan(20);
  }

  private void change(Model model, int number, boolean more) {
    if (more && !model.knows(number)) {
      long fence = random.nextLong();
      table.add(key(number), content(number), fence, number * 10L);
      model.inFlight.put(number, fence);
    } else if (more && model.inFlight.remove(number) != null) {
      ClaimAnswer answer =
          random.nextBoolean()
              ? ClaimAnswer.of(200 + number % 100)
              : new ClaimAnswer(201, Map.of("Location", "/" + number));
      table.complete(placeOf(number), answer, number * 20L);
      model.done.put(number, answer);
      model.order.addLast(number);
    } else if (!more && random.nextBoolean() && !model.order.isEmpty()) {
      table.remove(table.oldestDone());
      model.done.remove(model.order.removeFirst());
    } else if (!more && model.knows(number)) {
      table.remove(placeOf(number));
      model.inFlight.remove(number);
      model.done.remove(number);
      model.order.remove(number);
    }
  }

  private void assertHolds(Model model, int numbers) {
    assertThat(table.size()).isEqualTo(model.inFlight.size() + model.done.size());
    for (int number = 0; number < numbers; number++) {
      if (!model.knows(number)) {
        assertThat(table.find(key(number))).isEqualTo(ClaimTable.NONE);
        continue;
      }
      int place = placeOf(number);
      ClaimAnswer answer = model.done.get(number);
      assertThat(table.isSame(place, content(number))).isTrue();
      assertThat(table.isSame(place, content(number + 1))).isFalse();
      assertThat(table.isDone(place)).isEqualTo(answer != null);
      assertThat(table.endsMillis(place)).isEqualTo(number * (answer == null ? 10L : 20L));
      if (answer == null) {
        assertThat(table.fence(place)).isEqualTo(model.inFlight.get(number));
      } else {
        assertThat(table.answer(place)).isEqualTo(answer);
      }
    }
    Integer oldest = model.order.peekFirst();
    assertThat(table.oldestDone()).isEqualTo(oldest == null ? ClaimTable.NONE : placeOf(oldest));
    assertThat(placesInFlight())
        .isEqualTo(new TreeSet<>(model.inFlight.keySet().stream().map(this::placeOf).toList()));
  }

  private Set<Integer> placesInFlight() {
    List<Integer> places = new ArrayList<>();
    table.forEachInFlight(places::add);
    assertThat(places).doesNotHaveDuplicates();
    return new TreeSet<>(places);
  }

  @Test
  void inFlight_removedWhileTheyAreShown_areShownOnceEach() {
    for (int number = 0; number < 1_000; number++) {
      table.add(key(number), content(number), number, 0);
    }
    List<Long> fences = new ArrayList<>();
    table.forEachInFlight(
        place -> {
          fences.add(table.fence(place));
          table.remove(place);
        });
    assertThat(fences).hasSize(1_000).doesNotHaveDuplicates();
    assertThat(table.size()).isZero();
  }

  @Test
  void content_differingInOneBit_isNotTheSame() {
    long[] words = random.longs(4).toArray();
    table.add(key(1), value(words), 1, 0);
    for (int bit = 0; bit < 256; bit++) {
      long[] other = words.clone();
      other[bit / 64] ^= 1L << bit;
      assertThat(table.isSame(placeOf(1), value(other))).as("bit %s", bit).isFalse();
    }
    assertThat(table.isSame(placeOf(1), value(words))).isTrue();
  }

  private static ContentHash.Value value(long[] words) {
    return new ContentHash.Value(words[0], words[1], words[2], words[3]);
  }

  @Test
  void answer_ofAForgottenDelivery_isNotThatOfTheNextInItsPlace() {
    table.add(key(0), content(0), 0, 0);
    table.add(key(1), content(1), 1, 0);
    int place = placeOf(1);
    table.complete(place, new ClaimAnswer(201, Map.of("Location", "/secret")), 0);
    table.remove(place);

    table.add(key(2), content(2), 2, 0);
    assertThat(placeOf(2)).isEqualTo(place);
    assertThat(table.isDone(place)).isFalse();
    table.complete(place, PLAIN, 0);
    assertThat(table.answer(place)).isEqualTo(PLAIN);
  }

  // Of n deliveries spread by chance, hardly any bucket has more than a handful.
  @Test
  void buckets_ofManyDeliveries_areShort() {
    for (int number = 0; number < 100_000; number++) {
      table.add(key(number), content(number), 0, 0);
    }
    assertThat(table.longestBucket()).isLessThan(12);
  }
}
