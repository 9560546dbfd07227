package dev.gatehouse.webhook.scheme;

/**
 * How the text of a signature header is taken apart.
 *
 * @param kind its shape
 * @param separator what stands between entries; only for {@link Kind#ENTRIES}
 * @param assign what stands between an entry's label and its value; only for {@link Kind#ENTRIES}
 * @param malformed what becomes of an entry that has no label
 * @param maxEntries how many entries are read at most; more are an error
 */
public record Grammar(
    Kind kind, String separator, String assign, Malformed malformed, int maxEntries) {
  /** The shapes. */
  public enum Kind {
    /** One signature, behind a fixed prefix or none: {@code sha256=…}. */
    BARE,
    /** Labelled entries: {@code v1,… v1a,…} or {@code t=…,v1=…}. */
    ENTRIES,
    /** The two structured fields of HTTP message signatures (RFC 9421). */
    MESSAGE_SIGNATURE
  }

  /** What becomes of an entry that cannot be taken apart. */
  public enum Malformed {
    /** It is passed over. */
    SKIP,
    /** The header is refused. */
    REFUSE
  }
}
