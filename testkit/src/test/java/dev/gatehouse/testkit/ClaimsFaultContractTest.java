package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The contract of faults finds what is wrong with a store. */
final class ClaimsFaultContractTest {
  private static final Duration BOUND = Duration.ofMillis(500);

  @Test
  void claim_blocksItsCallerUntilItFails_isFound() throws Exception {
    try (ServerSocket server = new ServerSocket(0);
        TcpProxy network = TcpProxy.to(server.getLocalPort())) {
      Blocking store = new Blocking();

      assertThatThrownBy(
              new Contract(network, store)
                  ::claim_networkSlowerThanTheTimeout_failsInTimeAndRecovers)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("kept its caller");
    }
  }

  /** Claims that are in order once, and then wait where they are called before they fail. */
  private static final class Blocking implements Claims {
    private boolean away;

    @Override
    public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
      if (away) {
        long end = System.nanoTime() + BOUND.dividedBy(2).toNanos();
        while (System.nanoTime() < end) {
          LockSupport.parkNanos(end - System.nanoTime());
        }
        return Future.failedFuture("away");
      }
      away = true;
      return Future.succeededFuture(new Claim.New(1, Instant.MAX));
    }

    @Override
    public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
      return Future.failedFuture("away");
    }

    @Override
    public Future<Boolean> release(ClaimKey key, long fence) {
      return Future.failedFuture("away");
    }

    @Override
    public Duration retention() {
      return ClaimsContract.RETENTION;
    }
  }

  private static final class Contract extends ClaimsFaultContract {
    private final TcpProxy network;
    private final Claims broken;

    Contract(TcpProxy network, Claims broken) {
      this.network = network;
      this.broken = broken;
    }

    @Override
    protected TcpProxy network() {
      return network;
    }

    @Override
    protected Claims broken() {
      return broken;
    }

    @Override
    protected Claims beside() {
      return Claims.inMemory(10, ClaimsContract.RETENTION, InstantSource.system());
    }

    @Override
    protected Duration bound() {
      return BOUND;
    }

    @Override
    protected void restartServer() {}
  }
}
