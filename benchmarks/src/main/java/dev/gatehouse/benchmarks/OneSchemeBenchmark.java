package dev.gatehouse.benchmarks;

import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The verification of {@link VerifyBenchmark#gatehouse} in a JVM that has read one scheme and not
 * the catalogue: what the catalogue costs a verification is the difference.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class OneSchemeBenchmark extends SignedSamples {
  private final WebhookVerifier standard =
      verifier(Schemes.named("standard-webhooks"), SignedSample.SECRET);

  /** Standard Webhooks, the headers in a list. */
  @Benchmark
  public VerifiedWebhook gatehouseOneScheme() {
    SignedSample sample = next();
    return verified(standard, sample.standard(), sample.body());
  }
}
