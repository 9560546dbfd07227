package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.Deliver.Order;
import dev.gatehouse.receiver.Deliver.Rate;
import dev.gatehouse.receiver.Deliver.Sign;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads where a source's deliveries go. */
final class DeliverReader {
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Pattern RATE = Pattern.compile("([0-9]{1,9}) per (second|minute|hour)");

  private DeliverReader() {}

  static Optional<Deliver> read(StrictJson source, Interpolation interpolation, Problems problems) {
    if (!source.has("deliver")) {
      return Optional.empty();
    }
    StrictJson in = source.child("deliver");
    Deliver.Target target = TargetReader.read(in);
    Optional<Sign> sign = sign(in, interpolation, problems);
    Deliver deliver =
        new Deliver(
            target,
            sign,
            in.duration("timeout", Duration.ofSeconds(15), MILLI, Duration.ofMinutes(10)),
            retry(in.child("retry")),
            in.integer("concurrency", 16, 1, 1024),
            rate(in),
            circuit(in.child("circuit")),
            order(in));
    in.close();
    return Optional.of(deliver);
  }

  private static Optional<Rate> rate(StrictJson in) {
    Optional<String> text = in.string("rate");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher matcher = RATE.matcher(text.get());
    long count = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    if (count == 0) {
      in.problem("rate", "must be such as 50 per second, 600 per minute or 1000 per hour");
      return Optional.empty();
    }
    Duration period =
        switch (matcher.group(2)) {
          case "second" -> Duration.ofSeconds(1);
          case "minute" -> Duration.ofMinutes(1);
          default -> Duration.ofHours(1);
        };
    return Optional.of(new Rate(count, period));
  }

  private static Circuit.Settings circuit(StrictJson in) {
    Circuit.Settings usual = Circuit.Settings.DEFAULT;
    Circuit.Settings circuit =
        new Circuit.Settings(
            in.integer("failures", usual.failures(), 1, 1000),
            in.duration("openFor", usual.openFor(), MILLI, Duration.ofHours(1)),
            in.duration("maxOpenFor", usual.maxOpenFor(), MILLI, Duration.ofHours(1)));
    if (circuit.openFor().compareTo(circuit.maxOpenFor()) > 0) {
      in.problem("maxOpenFor", "must be at least openFor");
    }
    in.close();
    return circuit;
  }

  private static Order order(StrictJson in) {
    Object value = in.any("order").orElse(null);
    if (value == null) {
      return new Order.None();
    }
    if (value instanceof Map) {
      StrictJson child = in.child("order");
      String pointer = child.requiredString("pointer");
      child.close();
      if (!pointer.isEmpty() && !pointer.startsWith("/")) {
        child.problem("pointer", "must be a JSON pointer such as /data/order");
        return new Order.None();
      }
      return new Order.ByPointer(pointer);
    }
    if ("source".equals(value)) {
      return new Order.BySource();
    }
    if (!"tenant".equals(value)) {
      in.problem("order", "must be source, tenant, or {pointer: /into/the/body}");
    }
    return new Order.ByTenant();
  }

  private static Optional<Sign> sign(
      StrictJson deliver, Interpolation interpolation, Problems problems) {
    if (!deliver.has("sign")) {
      return Optional.empty();
    }
    StrictJson in = deliver.child("sign");
    Optional<Scheme> scheme = SchemeChoice.read(in, "scheme", problems);
    boolean given = in.has("secret");
    Optional<String> secret = in.string("secret");
    if (!given) {
      in.problem("secret", "is missing: give the secret that the destination checks with");
    }
    in.close();
    if (scheme.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    SecretSource source = interpolation.secret("deliver.sign", secret.get());
    try {
      WebhookSigner.create(scheme.get(), source.load(), Map.of());
    } catch (IllegalArgumentException e) {
      in.problem("secret", String.valueOf(e.getMessage()));
    }
    return Optional.of(new Sign(scheme.get(), source));
  }

  private static RetrySchedule retry(StrictJson in) {
    RetrySchedule usual = RetrySchedule.DEFAULT;
    RetrySchedule retry =
        new RetrySchedule(
            in.integer("attempts", usual.attempts(), 1, 100),
            in.duration("firstDelay", usual.firstDelay(), MILLI, Duration.ofDays(1)),
            in.duration("maxDelay", usual.maxDelay(), MILLI, Duration.ofDays(7)));
    if (retry.firstDelay().compareTo(retry.maxDelay()) > 0) {
      in.problem("maxDelay", "must be at least firstDelay");
    }
    in.close();
    return retry;
  }
}
