package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryIdTest {
  @Test
  void text_ofAnId_isReadBackAndSortsAsTheIdsDo() {
    SplittableRandom random = new SplittableRandom(3);
    List<Long> ids = new ArrayList<>(List.of(0L, 1L, Long.MAX_VALUE));
    for (int i = 0; i < 1_000; i++) {
      ids.add(random.nextLong(Long.MAX_VALUE));
    }
    Collections.sort(ids);
    List<String> texts = ids.stream().map(DeliveryId::format).toList();

    assertThat(texts).isSorted().allMatch(text -> text.matches("dlv_[0-9a-z]{13}"));
    for (int i = 0; i < ids.size(); i++) {
      assertThat(DeliveryId.parse(texts.get(i))).hasValue(ids.get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "dlv_", "7", "dlv_8000000000000", "dlv_000000000000u", "dlv_00000000000001"})
  void text_thatIsNoId_isNotRead(String text) {
    assertThat(DeliveryId.parse(text)).isEmpty();
  }

  @Test
  void ids_inTurn_ascend() {
    long first = DeliveryId.next(0, 1_000_000);

    assertThat(DeliveryId.next(first, 1_000_000)).isEqualTo(first + 1);
    assertThat(DeliveryId.next(first, 999_999)).isEqualTo(first + 1);
    assertThat(DeliveryId.next(first, 1_000_001)).isGreaterThan(first + 1);
  }

  @Test
  void time_pastTheLastThatHasIds_hasThoseOfTheLast() {
    long near = DeliveryId.next(0, Instant.parse("2248-01-01T00:00:00Z").toEpochMilli());
    long far = DeliveryId.next(0, Instant.parse("2300-01-01T00:00:00Z").toEpochMilli());

    assertThat(far).isGreaterThan(near);
    assertThat(DeliveryId.next(far, Long.MAX_VALUE)).isEqualTo(far + 1);
  }
}
