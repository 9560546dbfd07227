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
  private static final String APPLICATION = "application/";
  private static final BoundedJson JSON = BoundedJson.ofDepth(16);

  private Tokens() {}

  /**
   * One token.
   *
   * @param algorithm what its header says
   * @param kid the id of its key; empty if it names none
   * @param type its media type, as {@link Tokens#type} gives it; empty if it names none
   * @param claims its claims
   * @param signed the bytes that are signed
   * @param signature the signature
   */
  record Parts(
      JwtAlgorithm algorithm,
      String kid,
      Optional<String> type,
      Map<String, ?> claims,
      byte[] signed,
      byte[] signature) {}

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
            Optional.ofNullable((String) header.get().get("typ")).map(Tokens::type),
            claims.get(),
            signed,
            signature.get()));
  }

  // Whatever is critical we do not know. jku, jwk, x5u and x5c are not looked at: a token brings no
  // key of its own.
  private static boolean isOurs(Map<String, ?> header) {
    boolean isTyped = !header.containsKey("typ") || header.get("typ") instanceof String;
    return isTyped && !header.containsKey("crit") && !header.containsKey("zip");
  }

  /** A media type in one spelling: RFC 7515 §4.1.9 lets {@code application/} be left out. */
  static String type(String spelling) {
    String lower = spelling.toLowerCase(Locale.ROOT);
    boolean isShort = lower.lastIndexOf('/') < APPLICATION.length();
    return isShort && lower.startsWith(APPLICATION) ? lower.substring(APPLICATION.length()) : lower;
  }

  private static Optional<Map<String, ?>> object(String part) {
    return Base64Url.decode(part).flatMap(JSON::object).map(map -> map);
  }
}
