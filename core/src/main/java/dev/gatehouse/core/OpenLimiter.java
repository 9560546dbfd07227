package dev.gatehouse.core;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The implementation of {@link RateLimiter#failing} for {@link FailureMode#OPEN}. */
final class OpenLimiter implements RateLimiter {
  private static final Logger LOG = LoggerFactory.getLogger(RateLimiter.class);
  private static final Permit PASSED = new Permit(true, 0, Duration.ZERO);

  private final RateLimiter limiter;
  private final AtomicBoolean away = new AtomicBoolean();

  OpenLimiter(RateLimiter limiter) {
    this.limiter = limiter;
  }

  @Override
  public Future<Permit> acquire(String key, long tokens) {
    Future<Permit> asked = limiter.acquire(key, tokens);
    // a mistake of the caller's, which the limiter's refusal must not turn into a passage
    return tokens < 1 ? asked : asked.transform(this::answer);
  }

  private Future<Permit> answer(AsyncResult<Permit> answer) {
    if (answer.succeeded()) {
      if (away.compareAndSet(true, false)) {
        LOG.warn("a rate limiter that fails open answers again: calls are limited");
      }
      return Future.succeededFuture(answer.result());
    }
    if (away.compareAndSet(false, true)) {
      // its message may name a key
      LOG.warn(
          "a rate limiter that fails open cannot be asked ({}): until it answers calls pass",
          answer.cause().getClass().getName());
    }
    return Future.succeededFuture(PASSED);
  }
}
