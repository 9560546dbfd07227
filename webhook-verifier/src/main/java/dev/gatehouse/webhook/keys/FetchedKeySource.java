package dev.gatehouse.webhook.keys;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.PemText;
import io.vertx.core.Future;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Keys that are fetched from where a scheme says that they are published. */
final class FetchedKeySource implements KeySource {
  // What a kid may be where it becomes part of a URL.
  private static final String KID_IN_PATH = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}";

  /** Reads keys out of a document; may block. */
  private interface Reading {
    List<PublishedKey> keys(byte[] document);
  }

  private final KeyFetcher fetcher;
  private final KeyFetching options;
  private final KeyLocation location;
  private final @Nullable CachedKeys keySet;
  private final @Nullable CertificateUrl certificateUrl;
  // Places that requests name. Those that have served a key are apart, so that a caller who names
  // places at random cannot drive them out.
  private final Cache<String, CachedKeys> known;
  private final Cache<String, CachedKeys> untried;

  FetchedKeySource(KeyFetcher fetcher, KeyLocation location, KeyFetching options) {
    options.check(location);
    this.fetcher = fetcher;
    this.options = options;
    this.location = location;
    this.known =
        Caffeine.newBuilder().maximumSize(options.maxPlaces).executor(Runnable::run).build();
    this.untried =
        Caffeine.newBuilder().maximumSize(options.maxPlaces).executor(Runnable::run).build();
    this.keySet = location instanceof KeyLocation.KeySet set ? keySet(set) : null;
    this.certificateUrl =
        location instanceof KeyLocation.Certificate at ? CertificateUrl.of(at) : null;
  }

  private CachedKeys keySet(KeyLocation.KeySet set) {
    URI url = KeyFetcher.checked(set.url(), options.insecureLoopback);
    return new CachedKeys(options, () -> fetch(url, false, JsonWebKeys::published));
  }

  @Override
  public Future<List<PublishedKey>> find(KeyReference reference) {
    CachedKeys keys = placeOf(reference);
    if (keys == null) {
      return Future.succeededFuture(List.of());
    }
    return keys.find(wanted(reference));
  }

  @Override
  public Optional<List<PublishedKey>> atHand(KeyReference reference) {
    CachedKeys keys = placeOf(reference);
    if (keys == null) {
      return Optional.of(List.of());
    }
    return keys.atHand().map(all -> all.stream().filter(wanted(reference)).toList());
  }

  private Predicate<PublishedKey> wanted(KeyReference reference) {
    return keySet != null && reference instanceof KeyReference.ByKid by
        ? key -> key.id().equals(by.kid())
        : key -> true;
  }

  /** Where the key must be, if it is anywhere; null if what the request says leads nowhere. */
  private @Nullable CachedKeys placeOf(KeyReference reference) {
    if (keySet != null) {
      return keySet;
    }
    if (location instanceof KeyLocation.PemByKid at
        && reference instanceof KeyReference.ByKid by
        && by.kid().matches(KID_IN_PATH)) {
      URI url = URI.create(at.url().replace("{kid}", by.kid()));
      return place(url, document -> List.of(pem(document, by.kid())));
    }
    if (location instanceof KeyLocation.Certificate at
        && certificateUrl != null
        && reference instanceof KeyReference.ByUrl by) {
      Certificates rules = new Certificates(at, options.authorities);
      return certificateUrl
          .accept(by.url())
          .map(url -> place(url, text -> List.of(rules.keyOf(text, options.clock.instant()))))
          .orElse(null);
    }
    return null;
  }

  private CachedKeys place(URI url, Reading reading) {
    String name = url.toString();
    CachedKeys found = known.getIfPresent(name);
    if (found != null) {
      return found;
    }
    CachedKeys place =
        untried.get(name, n -> new CachedKeys(options, () -> fetch(url, true, reading)));
    if (place.isKnown()) {
      known.put(name, place);
      untried.invalidate(name);
    }
    return place;
  }

  private static PublishedKey pem(byte[] document, String kid) {
    return new PublishedKey(kid, PemText.publicKey(document), "", null, null);
  }

  private Future<List<PublishedKey>> fetch(URI url, boolean mayLack, Reading reading) {
    return fetcher
        .get(url)
        .compose(
            answer -> {
              if (mayLack && (answer.status() == 404 || answer.status() == 410)) {
                return Future.succeededFuture(List.of());
              }
              if (answer.status() != 200) {
                return unavailable("the place of keys answered with status " + answer.status());
              }
              return fetcher.vertx().executeBlocking(() -> read(reading, answer.body()), false);
            });
  }

  private static List<PublishedKey> read(Reading reading, byte[] document)
      throws KeysUnavailableException {
    try {
      return reading.keys(document);
    } catch (IllegalArgumentException e) {
      throw new KeysUnavailableException("what the place of keys serves " + e.getMessage());
    }
  }

  private static <T> Future<T> unavailable(String why) {
    return Future.failedFuture(new KeysUnavailableException(why));
  }
}
