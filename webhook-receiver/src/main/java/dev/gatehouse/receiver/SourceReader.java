package dev.gatehouse.receiver;

import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.receiver.ReceiverConfig.Limits;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Tenant;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Reads one source, and tries whether a verifier can be made of it. */
final class SourceReader {
  private static final Duration DEFAULT_DEDUPE = Duration.ofDays(4);
  private static final Duration MAX_WINDOW = Duration.ofDays(1);
  private static final Duration MAX_DEDUPE = Duration.ofDays(366);
  private static final int MAX_RATE = 1_000_000;

  private final String name;
  private final StrictJson in;
  private final ServerDefaults defaults;
  private final Interpolation interpolation;
  private final Problems problems;

  SourceReader(
      String name,
      StrictJson in,
      ServerDefaults defaults,
      Interpolation interpolation,
      Problems problems) {
    this.name = name;
    this.in = in;
    this.defaults = defaults;
    this.interpolation = interpolation;
    this.problems = problems;
  }

  /** The source; empty if it was too broken to make one, which is reported. */
  Optional<Source> read() {
    checkName();
    Optional<Scheme> scheme = SchemeChoice.read(in, "scheme", problems);
    SecretsReader secrets = SecretsReader.read(in, scheme, interpolation, problems);
    Optional<Duration> window = replayWindow();
    Optional<Duration> lifetime = dedupeLifetime();
    Source source =
        new Source(
            name,
            in.bool("enabled", true),
            scheme.orElse(SchemeChoice.STAND_IN),
            path(),
            tenant(),
            owner(),
            in.string("classification"),
            secrets.source(),
            secrets.published(),
            params(scheme),
            own().publicUrl(),
            window,
            lifetime.orElse(DEFAULT_DEDUPE),
            in.choice("mode", Mode.class, Mode.ENFORCE),
            limits(),
            own().maxBodyBytes(),
            own().bodyTimeout(),
            in.integer("ack", 204, 200, 299),
            tellReasons(),
            in.bool("confirmSubscriptions", false),
            DeliverReader.read(in, interpolation, problems));
    noHidingHere();
    in.close();
    if (scheme.isEmpty()) {
      return Optional.empty();
    }
    return Optional.ofNullable(tried(source, secrets, lifetime));
  }

  private void checkName() {
    if (!name.matches("[a-z0-9][a-z0-9_-]{0,62}")) {
      in.problem(
          "",
          "is not a source's name: up to 63 lower-case letters, digits, '_' and '-', the first a"
              + " letter or digit");
    }
  }

  private String path() {
    String path = in.string("path", "/hooks/" + name);
    if (!path.matches("/[A-Za-z0-9._~/-]*") || path.contains("//") || path.contains("/.")) {
      in.problem("path", "must be a plain path such as /hooks/" + name);
    }
    return path;
  }

  private Tenant tenant() {
    Object value = in.any("tenant").orElse(null);
    if (value == null) {
      return new Tenant.None();
    }
    if (value instanceof Map) {
      StrictJson child = in.child("tenant");
      String pointer = child.requiredString("pointer");
      if (!pointer.isEmpty() && !pointer.startsWith("/")) {
        child.problem("pointer", "must be a JSON pointer such as /organization/login");
      }
      child.close();
      return new Tenant.Pointer(pointer);
    }
    String text = in.string("tenant", "");
    if (value instanceof String && !TenantId.isValid(text)) {
      in.problem(
          "tenant", "must be 1 to 64 letters, digits, '_' or '-', or {pointer: /into/the/body}");
      return new Tenant.None();
    }
    return value instanceof String ? new Tenant.Fixed(TenantId.of(text)) : new Tenant.None();
  }

  private Optional<String> owner() {
    String owner = in.requiredString("owner");
    return owner.isBlank() ? Optional.empty() : Optional.of(owner);
  }

  private Map<String, String> params(Optional<Scheme> scheme) {
    StrictJson child = in.child("params");
    Map<String, String> params = new LinkedHashMap<>();
    if (scheme.isEmpty()) {
      return params;
    }
    scheme
        .get()
        .params()
        .forEach(
            (key, param) -> {
              Optional<String> value = child.string(key).filter(text -> !text.isBlank());
              value.ifPresent(text -> params.put(key, text));
              if (value.isEmpty() && param.required()) {
                child.problem(key, "is missing: " + param.description());
              }
            });
    child.close();
    return params;
  }

  private Optional<Duration> replayWindow() {
    if (!in.has("replayWindow")) {
      return Optional.empty();
    }
    Duration least = Duration.ofSeconds(1);
    return Optional.of(in.duration("replayWindow", Duration.ofMinutes(5), least, MAX_WINDOW));
  }

  private Optional<Duration> dedupeLifetime() {
    StrictJson child = in.child("dedupe");
    boolean given = child.has("lifetime");
    Duration lifetime =
        child.duration("lifetime", DEFAULT_DEDUPE, Duration.ofSeconds(1), MAX_DEDUPE);
    child.close();
    return given ? Optional.of(lifetime) : Optional.empty();
  }

  private Limits limits() {
    StrictJson child = in.child("limits");
    boolean limited = child.has("requestsPerSecond");
    int rate = child.integer("requestsPerSecond", 1, 1, MAX_RATE);
    boolean bursts = child.has("burst");
    int burst = child.integer("burst", rate, 1, MAX_RATE);
    int failures = child.integer("failuresPerMinute", 600, 1, MAX_RATE);
    if (bursts && !limited) {
      child.problem("burst", "needs requestsPerSecond beside it");
    }
    child.close();
    return new Limits(limited ? OptionalInt.of(rate) : OptionalInt.empty(), burst, failures);
  }

  private @Nullable ServerDefaults own;

  private ServerDefaults own() {
    if (own == null) {
      own = defaults.overriddenBy(in);
    }
    return own;
  }

  private boolean tellReasons() {
    StrictJson child = in.child("responses");
    boolean reasons = child.bool("reasons", false);
    child.close();
    return reasons;
  }

  private void noHidingHere() {
    if (in.has("hideSources")) {
      in.problem("hideSources", "is for the whole server: put it under server");
    }
  }

  // A verifier knows best what it cannot be made of. What is wrong beside its secrets is reported
  // with them, so that nobody has to start several times.
  private @Nullable Source tried(
      Source source, SecretsReader secrets, Optional<Duration> lifetime) {
    int before = problems.all().size();
    Duration least = Verifiers.minimumRetention(source);
    if (secrets.areUsable()) {
      try {
        least = Verifiers.tried(source).minimumRetention();
      } catch (IllegalArgumentException e) {
        secrets.blame(source, String.valueOf(e.getMessage()));
      }
    }
    if (source.confirmSubscriptions()) {
      source
          .scheme()
          .confirmationFlaw(source.params())
          .ifPresent(flaw -> in.problem("confirmSubscriptions", flaw));
    }
    if (lifetime.isPresent() && lifetime.get().compareTo(least) < 0) {
      in.problem(
          "dedupe.lifetime",
          "must be at least "
              + Durations.format(least)
              + ", the replay window and the time for which "
              + source.scheme().name()
              + " goes on retrying: a shorter one lets a repetition in");
    }
    if (!secrets.areUsable() || problems.all().size() > before) {
      return null;
    }
    Duration effective =
        lifetime.orElse(least.compareTo(DEFAULT_DEDUPE) > 0 ? least : DEFAULT_DEDUPE);
    return Verifiers.withDedupe(source, effective);
  }
}
