package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ConstantTimeTest {
  @Test
  void bytes_ofAnyLength_areEqualOnlyIfEachBitIs() {
    Random random = new Random(7);
    for (int length = 0; length <= 70; length++) {
      byte[] one = new byte[length];
      random.nextBytes(one);
      byte[] other = one.clone();
      assertThat(ConstantTime.isEqual(one, other)).isTrue();
      for (int bit = 0; bit < 8 * length; bit++) {
        other[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(ConstantTime.isEqual(one, other))
            .as("bit %d of %d bytes", bit, length)
            .isFalse();
        other[bit / 8] ^= (byte) (1 << bit % 8);
      }
    }
  }

  @Test
  void bytes_ofDifferentNumber_areNotEqual() {
    assertThat(ConstantTime.isEqual(new byte[32], new byte[33])).isFalse();
    assertThat(ConstantTime.isEqual(new byte[32], new byte[0])).isFalse();
  }

  @Test
  void bytes_afterThoseAskedFor_areNotLookedAt() {
    byte[] one = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    byte[] other = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0};

    assertThat(ConstantTime.isEqual(one, other, 9)).isTrue();
    assertThat(ConstantTime.isEqual(one, other, 10)).isFalse();
  }
}
