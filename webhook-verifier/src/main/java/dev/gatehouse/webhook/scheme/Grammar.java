package dev.gatehouse.webhook.scheme;

/**
 * How the text of a signature header is taken apart.
 *
 * <p>A header may come once, unless {@code repeated}. Entries may hold spaces round them only where
 * {@code trim} says so.
 *
 * @param kind its shape
 * @param separator what stands between entries; only for {@link Kind#ENTRIES}
 * @param assign what stands between an entry's label and its value; only for {@link Kind#ENTRIES}
 * @param malformed what becomes of an entry that has no label
 * @param maxEntries how many entries are read at most; more are an error
 * @param trim whether spaces round an entry are passed over
 * @param sets what stands between sets of entries, each with a time of its own; empty if there is
 *     one set
 * @param repeated whether the header may come several times, each with signatures of its own
 */
public record Grammar(
    Kind kind,
    String separator,
    String assign,
    Malformed malformed,
    int maxEntries,
    boolean trim,
    String sets,
    boolean repeated) {
  /** The shapes. */
  public enum Kind {
    /** One signature, behind a fixed prefix or none: {@code sha256=…}. */
    BARE,
    /** Labelled entries: {@code v1,… v1a,…} or {@code t=…,v1=…}. */
    ENTRIES,
    /** A JSON Web Token, whose header names one of the labels as its algorithm. */
    JWT,
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
