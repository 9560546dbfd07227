package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long a duplicate waits for the first is chosen by what is known of its provider. */
class InFlightWaitTest {
  private static final Duration HANDLER = Duration.ofSeconds(30);

  private static Duration waitOf(String scheme) {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named(scheme))
            .secrets(SecretSource.of(Secret.of("k", "a-secret-of-this-test")))
            .build();
    return WebhookHandler.builder(verifier)
        .claims(Claims.inMemory(10, Duration.ofDays(60), java.time.InstantSource.system()))
        .handlerTimeout(HANDLER)
        .build()
        .inFlightWait;
  }

  @Test
  void provider_thatComesAgain_isToldSoAfterFiveSeconds() {
    Scheme.Delivery github = Schemes.named("github").delivery();

    assertThat(github.retrySpan()).isPositive();
    assertThat(waitOf("github")).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void provider_thatNeverComesAgain_waitsAsLongAsTheFirstMayTake() {
    assertThat(Schemes.named("gitea").delivery().retrySpan()).isZero();
    assertThat(waitOf("gitea")).isEqualTo(HANDLER);
  }

  @Test
  void provider_withADeadline_hasItsAnswerBefore() {
    assertThat(Schemes.named("slack").delivery().deadline()).isEqualTo(Duration.ofSeconds(3));
    assertThat(waitOf("slack")).isEqualTo(Duration.ofMillis(2400));
    // no retry, and a deadline: as long as somebody listens
    assertThat(waitOf("circleci")).isEqualTo(Duration.ofSeconds(8));
  }
}
