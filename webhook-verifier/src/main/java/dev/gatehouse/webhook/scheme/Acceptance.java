package dev.gatehouse.webhook.scheme;

/**
 * One kind of signature that a scheme accepts.
 *
 * @param label the entry's label ({@code v1}), or the fixed prefix of a bare signature ({@code
 *     sha256=}); may be empty
 * @param algorithm how it is made
 * @param encoding how it is written
 * @param key how its keys are written
 * @param chosen the value of {@link Reading#algorithmIn} that chooses it; empty where nothing does
 * @param secretAt where the secret stands in what is hashed; {@link SecretAt#NOWHERE} for all but
 *     plain hashes
 */
public record Acceptance(
    String label,
    Algorithm algorithm,
    Encoding encoding,
    KeyRule key,
    String chosen,
    SecretAt secretAt) {

  /** Where a plain hash has its secret. */
  public enum SecretAt {
    /** The algorithm takes a key of its own. */
    NOWHERE,
    /** Before the content. */
    FIRST,
    /** After the content. */
    LAST
  }

  /** The same with another algorithm. */
  Acceptance with(Algorithm other) {
    return new Acceptance(label, other, encoding, key, chosen, secretAt);
  }

  /** The same under another label. */
  Acceptance labelled(String other) {
    return new Acceptance(other, algorithm, encoding, key, chosen, secretAt);
  }
}
