package dev.gatehouse.webhook.scheme;

import java.util.List;

/**
 * Where the public keys of a scheme are published, so that they need not be configured. It is data
 * only: nothing is fetched unless a {@link dev.gatehouse.webhook.keys.KeySource} does.
 */
public sealed interface KeyLocation {
  /**
   * A JSON Web Key Set (RFC 7517) at a fixed URL; the request names a key by its {@code kid}.
   *
   * @param url the set's URL
   */
  record KeySet(String url) implements KeyLocation {}

  /**
   * One PEM public key a URL, the key's id in its path.
   *
   * @param url the URL, with {@code {kid}} where the id stands
   */
  record PemByKid(String url) implements KeyLocation {}

  /**
   * An X.509 certificate at a URL that the request itself names, and that is therefore believed
   * only if it fits.
   *
   * @param in where the URL stands
   * @param hosts the hosts that may serve it; {@code *} as a whole label stands for exactly one
   * @param paths the paths, one of which it has; {@code *} stands for letters, digits, {@code .},
   *     {@code _} and {@code -}
   * @param subjects the names for one of which the certificate was issued
   * @param loneLeaf whether the sender serves the certificate without its issuers, so that where it
   *     comes from has to vouch for it; a chain that is served is checked all the same
   */
  record Certificate(
      ValueSource in,
      List<String> hosts,
      List<String> paths,
      List<String> subjects,
      boolean loneLeaf)
      implements KeyLocation {}
}
