package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.TenantId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class CursorKeysTest {
  private static final Instant NOW = Instant.EPOCH;
  private static final Position PLACE = new Position(1_700_000_000_000L, 42);

  // As it was written when cursors came to be: clients keep theirs over an upgrade.
  private static final String KNOWN =
      "AXR3ZWx2ZSBieXRlcySMexG4x5BPazwAgKvtTCX_V0sQW0z1kSEr0m4wFobE";

  private final CursorKeys keys =
      CursorKeys.load(SecretSource.of(Secret.of("c1", "0123456789abcdef0123456789abcdef")));
  private final byte[] binding = bindingOf("acme", "ann", "orders.*");

  @Test
  void cursor_ofAnEarlierVersion_opens() {
    assertThat(keys.open(binding, KNOWN, NOW)).contains(PLACE);
  }

  @Test
  void cursor_ofThePositionOfAnEarlierOne_doesNotTellThatItIsTheSame() {
    String first = keys.seal(binding, PLACE, NOW);
    String second = keys.seal(binding, PLACE, NOW);

    // Behind the version nothing is the same, at whichever place.
    assertThat(first.substring(2, 22)).isNotEqualTo(second.substring(2, 22));
    assertThat(first.substring(22, 38)).isNotEqualTo(second.substring(22, 38));
    assertThat(first.substring(42)).isNotEqualTo(second.substring(42));
    assertThat(keys.open(binding, first, NOW)).contains(PLACE);
    assertThat(keys.open(binding, second, NOW)).contains(PLACE);
  }

  @Test
  void cursor_withAnyOtherCharacter_isNone() {
    for (int i = 0; i < KNOWN.length(); i++) {
      char other = KNOWN.charAt(i) == 'A' ? 'B' : 'A';
      String changed = KNOWN.substring(0, i) + other + KNOWN.substring(i + 1);

      assertThat(keys.open(binding, changed, NOW)).as(changed).isEmpty();
    }
  }

  @Test
  void cursor_ofAnotherTenantPrincipalOrTopic_isNone() {
    assertThat(keys.open(bindingOf("acme2", "ann", "orders.*"), KNOWN, NOW)).isEmpty();
    assertThat(keys.open(bindingOf("acme", "bob", "orders.*"), KNOWN, NOW)).isEmpty();
    assertThat(keys.open(bindingOf("acme", "ann", "orders.paid"), KNOWN, NOW)).isEmpty();
  }

  private static byte[] bindingOf(String tenant, String user, String topics) {
    return CursorKeys.binding(
        TenantId.of(tenant),
        Principal.vouchedBy("idp", Principal.Kind.USER, user).build(),
        TopicPattern.of(topics));
  }
}
