package dev.gatehouse.webhook;

import dev.gatehouse.webhook.keys.JsonWebKeys;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.keys.PublishedKey;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The public keys that a source is given in its constants, in the place of those that the sender
 * publishes.
 */
final class ConfiguredKeys {
  private static final String KEY_SET = "jwks";
  private static final String CERTIFICATE = "certificate";

  private ConfiguredKeys() {}

  /**
   * Whether that constant holds them. Whatever would be fetched can be given instead, whether the
   * scheme's file says so or not.
   */
  static boolean areIn(String param, Scheme scheme) {
    return scheme.keys() instanceof KeyLocation.Certificate
        ? param.equals(CERTIFICATE)
        : scheme.keys() != null && param.equals(KEY_SET);
  }

  /**
   * Their source; where there are none, the other one.
   *
   * @throws IllegalArgumentException if there are two sources, or the keys cannot be used
   */
  static @Nullable KeySource orElse(
      @Nullable KeySource other, Scheme scheme, Map<String, String> params) {
    boolean set = params.containsKey(KEY_SET);
    boolean certificate = params.containsKey(CERTIFICATE) && scheme.hasPublicKeys();
    if (!set && !certificate) {
      return other;
    }
    if (other != null || (set && certificate)) {
      throw new IllegalArgumentException(
          "params.jwks, params.certificate and keySource exclude each other");
    }
    return set
        ? keySet(params.getOrDefault(KEY_SET, ""), scheme)
        : certificate(params.getOrDefault(CERTIFICATE, ""));
  }

  private static KeySource certificate(String text) {
    try {
      return KeySource.certificate(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("params.certificate " + e.getMessage(), e);
    }
  }

  private static KeySource keySet(String text, Scheme scheme) {
    List<PublishedKey> keys;
    try {
      keys = JsonWebKeys.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("params.jwks " + e.getMessage(), e);
    }
    if (keys.stream().noneMatch(key -> VerifyingKey.published(scheme, key).isUsable())) {
      throw new IllegalArgumentException(
          "params.jwks has no key of a kind that scheme " + scheme.name() + " uses");
    }
    return KeySource.fixed(keys);
  }
}
