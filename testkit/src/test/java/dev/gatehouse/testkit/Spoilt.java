package dev.gatehouse.testkit;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import java.time.Duration;

/** Claims as they should be; a test spoils one thing. */
class Spoilt implements Claims {
  final Claims right;

  Spoilt(Claims right) {
    this.right = right;
  }

  @Override
  public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
    return right.claim(key, fingerprint, lease);
  }

  @Override
  public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
    return right.complete(key, fence, answer);
  }

  @Override
  public Future<Boolean> release(ClaimKey key, long fence) {
    return right.release(key, fence);
  }

  @Override
  public Duration retention() {
    return right.retention();
  }
}
