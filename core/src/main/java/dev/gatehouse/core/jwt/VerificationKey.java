package dev.gatehouse.core.jwt;

import java.security.Key;
import java.util.Optional;

/**
 * A key that can verify tokens, and sign none unless it is shared.
 *
 * @param id its {@code kid}; empty if it has none
 * @param key the key
 * @param only the one algorithm that it is for, where its owner said so
 */
public record VerificationKey(String id, Key key, Optional<JwtAlgorithm> only) {
  boolean fits(JwtAlgorithm algorithm) {
    return algorithm.fits(key) && only.map(algorithm::equals).orElse(true);
  }

  @Override
  public String toString() {
    return "VerificationKey[" + id + "]";
  }
}
