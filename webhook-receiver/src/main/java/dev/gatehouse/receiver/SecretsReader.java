package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.ReceiverConfig.Published;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.keys.KeyFetching;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a source's secrets or public keys, and tells which of them a verifier refuses. */
final class SecretsReader {
  private record Entry(String path, String id, SecretSource source) {}

  private final String path;
  private final Interpolation interpolation;
  private final Problems problems;
  private final List<Entry> entries = new ArrayList<>();
  private Optional<Published> published = Optional.empty();
  private boolean usable = true;

  private SecretsReader(String path, Interpolation interpolation, Problems problems) {
    this.path = path;
    this.interpolation = interpolation;
    this.problems = problems;
  }

  static SecretsReader read(
      StrictJson in, Optional<Scheme> scheme, Interpolation interpolation, Problems problems) {
    SecretsReader reader = new SecretsReader(in.path(), interpolation, problems);
    int before = problems.all().size();
    boolean given = in.has("secrets");
    given |= in.has("keys");
    in.children("secrets", item -> reader.add(item, "secrets"));
    if (in.any("keys").orElse(null) instanceof Map) {
      reader.keySet(in.child("keys"));
    } else {
      in.children("keys", item -> reader.add(item, "keys"));
    }
    if (in.has("keys") && scheme.isPresent() && !scheme.get().hasPublicKeys()) {
      in.problem(
          "keys",
          "scheme " + scheme.get().name() + " has no public keys: give its secret under secrets");
    }
    if (reader.published.isEmpty() && !reader.hasConfiguredKeys(in)) {
      reader.published =
          scheme.map(Scheme::keys).map(location -> new Published(location, false, false));
    }
    boolean none = reader.entries.isEmpty() && reader.published.isEmpty();
    if (problems.all().size() == before && none && !reader.hasConfiguredKeys(in)) {
      in.problem("secrets", (given ? "is empty" : "is missing") + ": give at least one");
    }
    reader.refuseEqualIds();
    reader.usable = problems.all().size() == before;
    return reader;
  }

  private SecretSource add(StrictJson in, String list) {
    String id = in.string("id", list + "-" + (entries.size() + 1));
    if (id.isBlank() || id.length() > 64) {
      in.problem("id", "must be 1 to 64 characters: it names the key in logs and answers");
    }
    boolean given = in.has("value");
    Optional<String> value = in.string("value");
    if (!given) {
      in.problem("value", "is missing: give the value that the sender shows");
    }
    Optional<Instant> notBefore = in.instant("notBefore");
    Optional<Instant> notAfter = in.instant("notAfter");
    SecretSource source = interpolation.secret(id, value.orElse(""));
    if (notBefore.isPresent()) {
      source = source.validFrom(notBefore.get());
    }
    if (notAfter.isPresent()) {
      source = source.validUntil(notAfter.get());
    }
    value.ifPresent(text -> tryValue(in.pathOf("value"), id, text));
    if (notBefore.isPresent()
        && notAfter.isPresent()
        && !notBefore.get().isBefore(notAfter.get())) {
      in.problem("notAfter", "must be later than notBefore");
    }
    entries.add(new Entry(in.pathOf("value"), id, source));
    return source;
  }

  private void tryValue(String at, String id, String text) {
    try {
      interpolation.secret(id, text).load();
    } catch (IllegalArgumentException e) {
      problems.add(at, String.valueOf(e.getMessage()));
    }
  }

  // What the operator gives, as a list or as a constant, is not fetched besides.
  private boolean hasConfiguredKeys(StrictJson in) {
    boolean listed = in.any("keys").orElse(null) instanceof List;
    return listed
        || (in.any("params").orElse(null) instanceof Map<?, ?> params
            && (params.containsKey("jwks") || params.containsKey("certificate")));
  }

  private void keySet(StrictJson in) {
    String url = in.requiredString("jwks");
    boolean insecure = in.bool("allowInsecureKeyUrl", false);
    boolean reachesPrivate = in.bool("allowPrivate", false);
    in.close();
    if (url.isBlank()) {
      return;
    }
    KeyLocation location = new KeyLocation.KeySet(url);
    try {
      KeyFetching.builder().allowInsecureLoopback(insecure).build().check(location);
      published = Optional.of(new Published(location, insecure, reachesPrivate));
    } catch (IllegalArgumentException e) {
      in.problem("jwks", String.valueOf(e.getMessage()));
    }
  }

  /** Where public keys are fetched, if they are. */
  Optional<Published> published() {
    return published;
  }

  private void refuseEqualIds() {
    Set<String> seen = new HashSet<>();
    for (Entry entry : entries) {
      if (!seen.add(entry.id())) {
        problems.add(
            entry.path().replaceAll("\\.value$", ".id"),
            "is the id of another secret too: give each its own");
      }
    }
  }

  /** All of them, read anew each time. */
  SecretSource source() {
    List<SecretSource> all = entries.stream().map(Entry::source).toList();
    return () -> all.stream().flatMap(source -> source.load().stream()).toList();
  }

  /** Whether nothing is wrong with them so far. */
  boolean areUsable() {
    return usable;
  }

  /** Reports what a verifier said, at the secret that it said it of. */
  void blame(Source source, String message) {
    boolean found = false;
    for (Entry entry : entries) {
      try {
        WebhookVerifier.Builder alone =
            WebhookVerifier.builder(source.scheme()).secrets(entry.source());
        source.params().forEach(alone::param);
        alone.clock(InstantSource.system()).build();
      } catch (IllegalArgumentException e) {
        String why = String.valueOf(e.getMessage());
        boolean ofSecret = why.contains("'" + entry.id() + "'");
        problems.add(ofSecret ? entry.path() : path, why);
        found = true;
      }
    }
    if (!found) {
      problems.add(path, message);
    }
  }
}
