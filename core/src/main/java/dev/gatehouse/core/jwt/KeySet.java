package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Secret;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The keys that an issuer signs with: never none of them.
 *
 * <p>A set without keys is refused when it is made, and one that was fetched and is empty is a
 * failure: a verifier without keys has nothing to hold a token against.
 */
public interface KeySet {
  /**
   * The keys that match; empty if there is none.
   *
   * <p>A failed future says that the keys cannot be had at present. It never blocks.
   */
  Future<List<VerificationKey>> find(Predicate<VerificationKey> wanted);

  /**
   * The public keys of a JSON Web Key Set (RFC 7517) that an operator configured.
   *
   * @throws IllegalArgumentException if it is no key set, if one of its keys is refused, or if it
   *     is empty
   */
  static KeySet of(String jwks) {
    return fixed(JsonWebKeys.configured(jwks.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * One key that issuer and verifier share, for tokens that this system issues to itself.
   *
   * @param algorithm {@link JwtAlgorithm#HS256} or {@link JwtAlgorithm#HS512}
   * @throws IllegalArgumentException if the key is shorter than the algorithm's hash
   */
  static KeySet shared(JwtAlgorithm algorithm, Secret secret) {
    return fixed(
        List.of(
            new VerificationKey(secret.id(), algorithm.shared(secret), Optional.of(algorithm))));
  }

  private static KeySet fixed(List<VerificationKey> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException(
          "the key set is empty: nothing could be held against a token");
    }
    return wanted -> Future.succeededFuture(keys.stream().filter(wanted).toList());
  }
}
