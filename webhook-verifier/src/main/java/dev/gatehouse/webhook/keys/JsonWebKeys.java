package dev.gatehouse.webhook.keys;

import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.PublicKeys;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON Web Keys (RFC 7517) so that only public keys for signatures come out: RSA (2048 to
 * 8192 bits), EC on P-256 and P-384, OKP with Ed25519 (RFC 8037).
 *
 * <p>Shared and private keys are refused wherever they come from: what is published can sign
 * nothing. {@code use}, {@code key_ops} and {@code alg} are honoured, and so are {@code
 * not_before}, {@code not_after} and {@code expired_at}, in seconds since the epoch or RFC 3339.
 * Two keys with one {@code kid} are both refused, since a request could mean either.
 */
public final class JsonWebKeys {
  /** The largest set that is read. */
  public static final int MAX_KEYS = 100;

  private static final int MAX_ID = 256;

  private JsonWebKeys() {}

  /**
   * The keys of a set that an operator configured, or of one that is a single key.
   *
   * @throws IllegalArgumentException if any of its keys is refused; the message says which and why
   */
  public static List<PublishedKey> parse(String text) {
    List<String> refused = new ArrayList<>();
    List<PublishedKey> keys = read(text.getBytes(StandardCharsets.UTF_8), refused);
    if (!refused.isEmpty()) {
      throw new IllegalArgumentException(refused.get(0));
    }
    return keys;
  }

  /**
   * The keys of a set that was fetched. Keys that are not for us are left out, as RFC 7517 (section
   * 5) demands.
   *
   * @throws IllegalArgumentException if it is no key set
   */
  static List<PublishedKey> published(byte[] document) {
    return read(document, new ArrayList<>());
  }

  private static List<PublishedKey> read(byte[] document, List<String> refused) {
    Map<?, ?> set =
        JsonText.object(document)
            .orElseThrow(() -> new IllegalArgumentException("is not a JSON object"));
    if (set.containsKey("kty")) {
      return distinct(key(set, 0, refused), refused);
    }
    if (!(set.get("keys") instanceof List<?> list) || list.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "is not a key set: it has keys, a list of at most " + MAX_KEYS);
    }
    List<PublishedKey> keys = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      keys.addAll(key(list.get(i), i, refused));
    }
    return distinct(keys, refused);
  }

  private static List<PublishedKey> distinct(List<PublishedKey> keys, List<String> refused) {
    Map<String, Integer> counts = new HashMap<>();
    keys.stream()
        .filter(k -> !k.id().isEmpty())
        .forEach(k -> counts.merge(k.id(), 1, Integer::sum));
    boolean twice = counts.values().stream().anyMatch(count -> count > 1);
    if (twice) {
      refused.add("has two keys with one kid: give each its own");
    }
    return keys.stream().filter(key -> counts.getOrDefault(key.id(), 1) == 1).toList();
  }

  private static List<PublishedKey> key(@Nullable Object tree, int at, List<String> refused) {
    try {
      if (!(tree instanceof Map<?, ?> jwk)) {
        throw new IllegalArgumentException("is not an object");
      }
      return List.of(key(jwk));
    } catch (IllegalArgumentException e) {
      refused.add("keys[" + at + "] " + e.getMessage());
      return List.of();
    }
  }

  private static PublishedKey key(Map<?, ?> jwk) {
    for (String secret : List.of("d", "k", "p", "q", "dp", "dq", "qi", "oth")) {
      require(!jwk.containsKey(secret), "holds a secret: a published key that can sign is no key");
    }
    require(optional(jwk, "use", "sig").equals("sig"), "is not for signatures (use)");
    Object operations = jwk.get("key_ops");
    require(
        operations == null || (operations instanceof List<?> list && list.contains("verify")),
        "is not for verifying (key_ops)");
    String id = optional(jwk, "kid", "");
    require(id.length() <= MAX_ID, "has a kid of more than " + MAX_ID + " characters");
    Instant notAfter = earlier(time(jwk, "not_after"), time(jwk, "expired_at"));
    return new PublishedKey(
        id, publicKey(jwk), optional(jwk, "alg", ""), time(jwk, "not_before"), notAfter);
  }

  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isBefore(other) ? one : other;
  }

  private static PublicKey publicKey(Map<?, ?> jwk) {
    String type = optional(jwk, "kty", "");
    String curve = optional(jwk, "crv", "");
    return switch (type + " " + curve) {
      case "RSA " -> PublicKeys.rsa(number(jwk, "n"), number(jwk, "e"));
      case "EC P-256" ->
          PublicKeys.ec("secp256r1", coordinate(jwk, "x", 32), coordinate(jwk, "y", 32));
      case "EC P-384" ->
          PublicKeys.ec("secp384r1", coordinate(jwk, "x", 48), coordinate(jwk, "y", 48));
      case "OKP Ed25519" -> PublicKeys.ed25519(bytes(jwk, "x"));
      default ->
          throw new IllegalArgumentException(
              "has a kty or crv that is not supported: RSA, EC with P-256 or P-384, OKP with"
                  + " Ed25519");
    };
  }

  private static BigInteger number(Map<?, ?> jwk, String name) {
    return new BigInteger(1, bytes(jwk, name));
  }

  // RFC 7518, section 6.2.1.2: exactly the curve's length.
  private static BigInteger coordinate(Map<?, ?> jwk, String name, int length) {
    byte[] bytes = bytes(jwk, name);
    require(bytes.length == length, "has a coordinate of the wrong length (" + name + ")");
    return new BigInteger(1, bytes);
  }

  private static byte[] bytes(Map<?, ?> jwk, String name) {
    String text = optional(jwk, name, "");
    byte[] bytes = Encoding.BASE64URL.decode(text);
    if (text.isEmpty() || bytes == null) {
      throw new IllegalArgumentException("lacks " + name + " in base64url without padding");
    }
    return bytes;
  }

  private static @Nullable Instant time(Map<?, ?> jwk, String name) {
    Object value = jwk.get(name);
    if (value == null) {
      return null;
    }
    try {
      if (value instanceof Integer || value instanceof Long) {
        return Instant.ofEpochSecond(((Number) value).longValue());
      }
      if (value instanceof String text) {
        return OffsetDateTime.parse(text).toInstant();
      }
    } catch (DateTimeException e) {
      // as below: its own message repeats the text
    }
    throw new IllegalArgumentException(
        "has a " + name + " that is no time: seconds since the epoch, or RFC 3339");
  }

  private static String optional(Map<?, ?> jwk, String name, String otherwise) {
    Object value = jwk.get(name);
    require(value == null || value instanceof String, "has a " + name + " that is no text");
    return value == null ? otherwise : (String) value;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
