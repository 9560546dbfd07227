package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import org.junit.jupiter.api.Test;

class HubStateTest extends HubTest {
  // It would put what it read before a change in the place of what the change put there.
  @Test
  void start_whileAChangeOfTheSwitchesIsTakenOver_waitsForIt() throws InterruptedException {
    HubState state = new HubState(settings());
    killSwitch.engage(KillSwitch.Kind.OPERATION, "orders.paid", "test");
    Thread starting = new Thread(() -> state.start(1));
    synchronized (state) {
      starting.start();
      Await.until(
          "it waits, or is through",
          () ->
              starting.getState() == Thread.State.BLOCKED
                  || starting.getState() == Thread.State.TERMINATED);
      assertThat(state.stopped()).isSameAs(StoppedTopics.NONE);
    }
    starting.join();

    assertThat(state.stopped().stops(Topic.of("orders.paid"))).isTrue();
  }
}
