package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import org.junit.jupiter.api.Test;

class PersistedQueriesTest {
  private static final String TEXT = "x".repeat(100);
  private static final int ROOM = 20;

  // each text takes 200
  private final PersistedQueries queries = PersistedQueries.inMemory(ROOM * 200);

  private static Principal caller(String tenant) {
    return Principal.vouchedBy("test", Principal.Kind.USER, "ada")
        .tenant(TenantId.of(tenant))
        .build();
  }

  private void keep(String tenant, int from, int to) {
    for (int i = from; i < to; i++) {
      queries.keep(caller(tenant), "hash" + i, TEXT);
    }
  }

  private int kept(String tenant, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += queries.find(caller(tenant), "hash" + i) == null ? 0 : 1;
    }
    return count;
  }

  @Test
  void flood_ofOneTenant_evictsNothingOfAnother() {
    keep("acme", 0, 5);
    keep("globex", 0, 1_000);
    assertThat(kept("acme", 0, 5)).isEqualTo(5);
    assertThat(kept("globex", 0, 1_000)).isEqualTo(ROOM - 5);
  }

  @Test
  void flood_thatWasThereFirst_makesRoomForOthers() {
    keep("globex", 0, 1_000);
    keep("acme", 0, 5);
    assertThat(kept("acme", 0, 5)).isEqualTo(5);
    assertThat(kept("globex", 0, 1_000)).isEqualTo(ROOM - 5);
  }

  @Test
  void text_thatWasUsedLast_staysLongest() {
    keep("acme", 0, ROOM);
    assertThat(kept("acme", 0, 1)).isEqualTo(1);
    keep("acme", ROOM, ROOM + 1);
    assertThat(kept("acme", 0, 1)).isEqualTo(1);
    assertThat(kept("acme", 1, 2)).isZero();
  }

  @Test
  void text_thatIsKeptAgain_takesItsRoomOnce() {
    for (int i = 0; i < 100; i++) {
      keep("acme", 0, ROOM);
    }
    assertThat(kept("acme", 0, ROOM)).isEqualTo(ROOM);
  }
}
