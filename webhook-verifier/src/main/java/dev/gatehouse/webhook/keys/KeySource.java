package dev.gatehouse.webhook.keys;

import dev.gatehouse.webhook.scheme.KeyLocation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;

/**
 * Public keys that a sender publishes, found by what a request says of them.
 *
 * <pre>{@code
 * KeySource keys = KeySource.published(vertx, scheme.keys().orElseThrow(), KeyFetching.strict());
 * WebhookVerifier verifier = WebhookVerifier.builder(scheme).keySource(keys).build();
 * }</pre>
 *
 * <p>A key that is not there is an empty list; a failed future says that it could not be found out,
 * because the place where keys are published cannot be reached or serves something else. Neither
 * method blocks, and a source of your own must not either.
 */
public interface KeySource {
  /**
   * Finds keys, fetching them if need be.
   *
   * @return the keys, empty if there is none; fails with a {@link KeysUnavailableException} if that
   *     could not be found out
   */
  Future<List<PublishedKey>> find(KeyReference reference);

  /** The same without fetching; empty if a fetch would be needed. */
  Optional<List<PublishedKey>> atHand(KeyReference reference);

  /**
   * The keys that are published at a place.
   *
   * @param location where; its URLs must be https, or http to this machine if the options allow it
   * @throws IllegalArgumentException if a URL of the location is not acceptable
   */
  static KeySource published(Vertx vertx, KeyLocation location, KeyFetching options) {
    return new FetchedKeySource(new KeyFetcher(vertx, options), location, options);
  }

  /**
   * The key of a certificate that is at hand, within its dates; who issued it is not asked.
   *
   * @param pem the certificate in PEM
   * @throws IllegalArgumentException if it is none
   */
  static KeySource certificate(String pem) {
    return fixed(List.of(Certificates.configured(pem)));
  }

  /** Keys that are at hand; a certificate's URL is not looked at. */
  static KeySource fixed(List<PublishedKey> keys) {
    return new FixedKeySource(List.copyOf(keys));
  }
}
