package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.BoundedJson;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A token in its parts (RFC 7515 §7.1), strictly read and not yet believed. */
final class Tokens {
  private static final int MAX_LENGTH = 16 * 1024;
  private static final BoundedJson JSON = BoundedJson.ofDepth(16);

  private Tokens() {}

  /**
   * One token.
   *
   * @param algorithm what its header says
   * @param kid the id of its key; empty if it names none
   * @param claims its claims
   * @param signed the bytes that are signed
   * @param signature the signature
   */
  record Parts(
      JwtAlgorithm algorithm, String kid, Map<String, ?> claims, byte[] signed, byte[] signature) {}

  /** The refusal of a token: the caller learns no more than that. */
  static Authentication refused(String code) {
    return Authentication.refused(code, "the token is not valid here");
  }

  static Optional<Parts> read(String token) {
    String[] parts = token.length() > MAX_LENGTH ? new String[0] : token.split("\\.", -1);
    if (parts.length != 3 || parts[2].isEmpty()) {
      return Optional.empty();
    }
    Optional<Map<String, ?>> header = object(parts[0]);
    Optional<Map<String, ?>> claims = object(parts[1]);
    Optional<byte[]> signature = Base64Url.decode(parts[2]);
    if (header.isEmpty() || claims.isEmpty() || signature.isEmpty() || !isOurs(header.get())) {
      return Optional.empty();
    }
    Object kid = header.get().get("kid");
    Optional<JwtAlgorithm> algorithm = JwtAlgorithm.ofSpelling(header.get().get("alg"));
    if (algorithm.isEmpty() || !(kid == null || kid instanceof String)) {
      return Optional.empty();
    }
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    return Optional.of(
        new Parts(
            algorithm.get(),
            kid == null ? "" : (String) kid,
            claims.get(),
            signed,
            signature.get()));
  }

  // Whatever is critical we do not know. jku, jwk, x5u and x5c are not looked at: a token brings no
  // key of its own.
  private static boolean isOurs(Map<String, ?> header) {
    Object type = header.get("typ");
    if (header.containsKey("crit") || header.containsKey("zip")) {
      return false;
    }
    if (type == null) {
      return !header.containsKey("typ");
    }
    String name = String.valueOf(type).toLowerCase(Locale.ROOT);
    return name.equals("jwt") || name.equals("at+jwt") || name.equals("application/at+jwt");
  }

  private static Optional<Map<String, ?>> object(String part) {
    return Base64Url.decode(part).flatMap(JSON::object).map(map -> map);
  }
}
