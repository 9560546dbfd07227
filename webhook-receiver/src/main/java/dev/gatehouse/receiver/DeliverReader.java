package dev.gatehouse.receiver;

import dev.gatehouse.core.AddressRules;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.ReceiverConfig.Deliver;
import dev.gatehouse.receiver.ReceiverConfig.Sign;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.scheme.Scheme;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads where a source's deliveries go. */
final class DeliverReader {
  private static final Duration MILLI = Duration.ofMillis(1);

  private DeliverReader() {}

  static Optional<Deliver> read(StrictJson source, Interpolation interpolation, Problems problems) {
    if (!source.has("deliver")) {
      return Optional.empty();
    }
    StrictJson in = source.child("deliver");
    URI to = destination(in);
    Optional<Sign> sign = sign(in, interpolation, problems);
    Deliver deliver =
        new Deliver(
            to,
            sign,
            in.duration("timeout", Duration.ofSeconds(15), MILLI, Duration.ofMinutes(10)),
            retry(in.child("retry")),
            in.bool("allowPrivate", false),
            in.integer("concurrency", 16, 1, 1024));
    in.close();
    return Optional.of(deliver);
  }

  private static URI destination(StrictJson in) {
    String text = in.requiredString("to");
    Optional<URI> parsed = url(text);
    if (parsed.isEmpty()) {
      if (!text.isBlank()) {
        in.problem("to", "must be a URL such as https://orders.example.com/hooks");
      }
      return URI.create("http://127.0.0.1/");
    }
    URI to = parsed.get();
    if (to.getRawUserInfo() != null) {
      in.problem("to", "must not hold a user or password: sign deliveries instead");
    }
    Optional<InetAddress> literal = Destination.literal(to);
    if (literal.isPresent() && AddressRules.isLinkLocal(literal.get())) {
      in.problem(
          "to",
          "is a link-local address, where clouds keep their credentials: it is never delivered to");
    }
    return to;
  }

  private static Optional<URI> url(String text) {
    try {
      URI uri = new URI(text);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      boolean http = scheme.equals("http") || scheme.equals("https");
      boolean usable = http && uri.getHost() != null && uri.getPort() <= 65_535;
      return usable && uri.getRawFragment() == null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
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
