package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.ContentHash.Value;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentHashTest {
  private static final int LONGEST = ContentHash.MAX_LENGTH;

  private final Random random = new Random(20_261_129);
  private final Keys keys = new Keys(random);
  private final ContentHash hash = new ContentHash(keys);

  /** Draws what can be looked at afterwards. */
  @SuppressWarnings("serial")
  private static final class Keys extends SecureRandom {
    private final transient Random from;
    private transient ByteBuffer drawn = ByteBuffer.allocate(0);

    private Keys(Random from) {
      this.from = from;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      from.nextBytes(bytes);
      drawn = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private long word(int at) {
      return drawn.getLong(at * Long.BYTES);
    }
  }

  // From the paper's definition, with numbers that have no bounds.
  private Value expected(long kind, byte[] content) {
    int pairs = (content.length + 15) / 16;
    ByteBuffer message =
        ByteBuffer.allocate(16 + 16 * pairs)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(content.length)
            .putLong(kind)
            .put(content);
    long[] sums = new long[4];
    for (int time = 0; time < 2; time++) {
      for (int pair = 0; pair <= pairs; pair++) {
        long one = message.getLong(16 * pair) + keys.word(2 * (pair + time));
        long other = message.getLong(16 * pair + 8) + keys.word(2 * (pair + time) + 1);
        BigInteger product = BigInteger.valueOf(one).multiply(BigInteger.valueOf(other));
        sums[2 * time] += product.shiftRight(64).longValue();
        sums[2 * time + 1] += product.longValue();
      }
    }
    return new Value(sums[0], sums[1], sums[2], sums[3]);
  }

  private byte[] content(int length) {
    byte[] content = new byte[length];
    random.nextBytes(content);
    return content;
  }

  @Test
  void hash_ofAnyLength_isWhatItsDefinitionSays() {
    for (int length = 0; length < 200; length++) {
      byte[] content = content(length);
      assertThat(hash.ofBody(content)).as("%s bytes", length).isEqualTo(expected(0, content));
      assertThat(hash.ofDigest(content)).as("%s bytes", length).isEqualTo(expected(1, content));
    }
    for (int length : new int[] {LONGEST - 17, LONGEST - 1, LONGEST}) {
      byte[] content = content(length);
      assertThat(hash.ofBody(content)).isEqualTo(expected(0, content));
    }
  }

  @Test
  void contents_differingInOneBit_differBothTimes() {
    byte[] content = content(1_003);
    Value value = hash.ofBody(content);
    for (int bit = 0; bit < 8 * content.length; bit++) {
      byte[] other = content.clone();
      other[bit / 8] ^= (byte) (1 << bit % 8);
      Value changed = hash.ofBody(other);
      assertThat(List.of(changed.first(), changed.second()))
          .as("bit %s", bit)
          .isNotEqualTo(List.of(value.first(), value.second()));
      assertThat(List.of(changed.third(), changed.fourth()))
          .as("bit %s", bit)
          .isNotEqualTo(List.of(value.third(), value.fourth()));
    }
  }

  @Test
  void contents_thatOnlyZerosOrTheirKindTellApart_differ() {
    Set<Value> values = new HashSet<>();
    for (int length = 0; length <= 64; length++) {
      values.add(hash.ofBody(new byte[length]));
      values.add(hash.ofDigest(new byte[length]));
    }
    assertThat(values).hasSize(2 * 65);
  }

  // Sums alone would not see it.
  @Test
  void contents_withPairsExchanged_differ() {
    byte[] content = content(64);
    byte[] exchanged = new byte[64];
    for (int pair = 0; pair < 4; pair++) {
      System.arraycopy(content, 16 * pair, exchanged, 16 * (3 - pair), 16);
    }
    byte[] swapped = content.clone();
    System.arraycopy(content, 0, swapped, 8, 8);
    System.arraycopy(content, 8, swapped, 0, 8);
    assertThat(Set.of(value(content), value(exchanged), value(swapped))).hasSize(3);
  }

  private Value value(byte[] content) {
    return hash.ofBody(content);
  }

  @Test
  void hash_underAnotherKey_isAnother() {
    byte[] content = content(1_000);
    assertThat(new ContentHash(new SecureRandom()).ofBody(content))
        .isNotEqualTo(new ContentHash(new SecureRandom()).ofBody(content));
    assertThat(hash.ofBody(Arrays.copyOf(content, 1_000))).isEqualTo(value(content));
  }
}
