package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.MessageRefusal.Flaw;
import dev.gatehouse.webhook.rfc9421.MessageRefusal.RefusedException;
import dev.gatehouse.webhook.rfc9421.StructuredField.Bytes;
import dev.gatehouse.webhook.rfc9421.StructuredField.Item;
import dev.gatehouse.webhook.rfc9421.StructuredField.Limits;
import dev.gatehouse.webhook.rfc9421.StructuredField.Malformed;
import dev.gatehouse.webhook.rfc9421.StructuredField.Member;
import dev.gatehouse.webhook.rfc9421.StructuredField.Parsed;
import dev.gatehouse.webhook.rfc9421.StructuredField.Read;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The digests of a body in {@code Content-Digest} (RFC 9530): there is at least one that is known,
 * and a body passes only if it has all of those that are.
 *
 * <p>They are over the raw body as it came. Known are sha-256 and sha-512; others, among them the
 * broken ones of the registry, are passed over and never suffice.
 */
public final class ContentDigest {
  /** The algorithms that are known. */
  public enum Algorithm {
    /** SHA-256. */
    SHA_256("sha-256", "SHA-256", 32),
    /** SHA-512. */
    SHA_512("sha-512", "SHA-512", 64);

    private final String key;
    private final String jcaName;
    private final int length;

    Algorithm(String key, String jcaName, int length) {
      this.key = key;
      this.jcaName = jcaName;
      this.length = length;
    }

    /** The one of that key in the field. */
    public static Optional<Algorithm> named(String key) {
      return Stream.of(values()).filter(a -> a.key.equals(key)).findFirst();
    }

    private byte[] digest(byte[] body) {
      try {
        return MessageDigest.getInstance(jcaName).digest(body);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + jcaName, e);
      }
    }
  }

  private final Map<Algorithm, byte[]> digests;

  private ContentDigest(Map<Algorithm, byte[]> digests) {
    this.digests = digests;
  }

  static ContentDigest of(List<String> lines) throws RefusedException {
    Parsed<Map<String, Member>> parsed =
        StructuredField.dictionary(SignatureBase.join(lines), Limits.DEFAULT);
    if (parsed instanceof Malformed<Map<String, Member>> malformed) {
      throw MessageRefusal.malformed("Content-Digest " + malformed.flaw());
    }
    Map<Algorithm, byte[]> digests = new EnumMap<>(Algorithm.class);
    for (var member : ((Read<Map<String, Member>>) parsed).value().entrySet()) {
      Optional<Algorithm> algorithm = Algorithm.named(member.getKey());
      if (algorithm.isPresent()) {
        digests.put(algorithm.get(), digest(algorithm.get(), member.getValue()));
      }
    }
    if (digests.isEmpty()) {
      throw new RefusedException(
          Flaw.UNKNOWN_ALGORITHM, "Content-Digest has neither sha-256 nor sha-512");
    }
    return new ContentDigest(digests);
  }

  private static byte[] digest(Algorithm algorithm, Member member) throws RefusedException {
    if (member instanceof Item item && item.value() instanceof Bytes bytes) {
      byte[] digest = bytes.decode();
      if (digest.length == algorithm.length) {
        return digest;
      }
    }
    throw MessageRefusal.malformed(
        "Content-Digest has a " + algorithm.key + " that is not " + algorithm.length + " bytes");
  }

  /** Whether the body has every digest that is known. */
  public boolean isOf(byte[] body) {
    boolean matches = true;
    for (Map.Entry<Algorithm, byte[]> digest : digests.entrySet()) {
      matches &= MessageDigest.isEqual(digest.getKey().digest(body), digest.getValue());
    }
    return matches;
  }

  /** The field's value for a body, with the digests that these components name; else SHA-256. */
  public static String write(List<SignatureComponent> components, byte[] body) {
    List<Algorithm> named =
        components.stream()
            .filter(component -> component.coversBody() && component.has("key"))
            .map(component -> Algorithm.named(component.text("key")).orElseThrow())
            .distinct()
            .toList();
    return (named.isEmpty() ? List.of(Algorithm.SHA_256) : named)
        .stream().map(algorithm -> write(algorithm, body)).collect(Collectors.joining(", "));
  }

  /** The field's value for a body. */
  public static String write(Algorithm algorithm, byte[] body) {
    return algorithm.key + "=" + Bytes.of(algorithm.digest(body)).serialize();
  }
}
