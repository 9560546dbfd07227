package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.Scheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The signatures found in one header, decoded, or why there are none.
 *
 * <p>Nothing here is believed yet. The number of entries and the length are bounded before anything
 * is decoded.
 */
final class SignatureHeader {
  private static final int MAX_LENGTH = 8 * 1024;
  // A public-key signature costs a hundred times a MAC to check, and each is checked by itself: a
  // caller without a key must not get sixteen of them over a large body.
  private static final int MAX_PUBLIC_KEY_SIGNATURES = 4;

  /** A decoded signature: which acceptance it claims, and where it stood. */
  record Candidate(int acceptance, Scheme.Place place, byte[] bytes) {}

  private final Scheme scheme;
  private final Scheme.Place place;
  private final String timeKey;
  // Nearly always there is one, and it needs no object of its own: 24 bytes a request.
  private int onlyAcceptance;
  private byte @Nullable [] onlyBytes;
  private @Nullable List<Candidate> several;
  private boolean knownLabel;
  private boolean anyEntry;
  private boolean refused;
  private int publicKeySignatures;
  private @Nullable String time;
  private boolean timeTwice;

  private SignatureHeader(Scheme scheme, Scheme.Place place, String timeKey) {
    this.scheme = scheme;
    this.place = place;
    this.timeKey = timeKey;
  }

  /**
   * Takes a header apart.
   *
   * @param timeKey the key of the element that holds the time; empty if none does
   */
  static SignatureHeader parse(Scheme scheme, Scheme.Place place, String timeKey, String text) {
    SignatureHeader header = new SignatureHeader(scheme, place, timeKey);
    if (text.length() > MAX_LENGTH) {
      header.refused = true;
    } else if (scheme.grammar().kind() == Grammar.Kind.BARE) {
      header.bare(text);
    } else {
      header.entries(text);
    }
    return header;
  }

  private void bare(String text) {
    List<Acceptance> accepts = scheme.accepts();
    for (int i = 0; i < accepts.size(); i++) {
      String prefix = accepts.get(i).label();
      if (place.begins(text, prefix)) {
        anyEntry = true;
        add(i, text, prefix.length(), text.length());
        return;
      }
    }
    anyEntry = looksLabelled(text);
  }

  // v1=…, hmac-sha1=…: a signature of another version, as against no signature at all.
  private static boolean looksLabelled(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals > 16 || equals == text.length() - 1) {
      return false;
    }
    for (int i = 0; i < equals; i++) {
      if (!Character.isLetterOrDigit(text.charAt(i)) && text.charAt(i) != '-') {
        return false;
      }
    }
    return text.charAt(equals + 1) != '=';
  }

  private void entries(String text) {
    Grammar grammar = scheme.grammar();
    char separator = grammar.separator().charAt(0);
    char assign = grammar.assign().charAt(0);
    int count = 0;
    int at = 0;
    while (at <= text.length()) {
      int end = text.indexOf(separator, at);
      end = end < 0 ? text.length() : end;
      if (++count > grammar.maxEntries()) {
        refused = true;
        return;
      }
      entry(text, at, end, assign);
      at = end + 1;
    }
  }

  private void entry(String text, int start, int end, char assign) {
    int from = start;
    int to = end;
    if (scheme.grammar().trim()) {
      while (from < to && text.charAt(from) == ' ') {
        from++;
      }
      while (to > from && text.charAt(to - 1) == ' ') {
        to--;
      }
    }
    int cut = text.indexOf(assign, from);
    if (cut < 0 || cut >= to || cut == from) {
      refused |= scheme.grammar().malformed() == Grammar.Malformed.REFUSE;
      return;
    }
    anyEntry = true;
    if (regionIs(text, from, cut, timeKey)) {
      String value = text.substring(cut + 1, to);
      timeTwice |= time != null && !time.equals(value);
      time = value;
      return;
    }
    List<Acceptance> accepts = scheme.accepts();
    for (int i = 0; i < accepts.size(); i++) {
      if (regionIs(text, from, cut, accepts.get(i).label())) {
        add(i, text, cut + 1, to);
      }
    }
  }

  private static boolean regionIs(String text, int from, int to, String label) {
    return label.length() == to - from && !label.isEmpty() && text.startsWith(label, from);
  }

  private void add(int acceptance, String text, int from, int to) {
    knownLabel = true;
    Acceptance accepted = scheme.accepts().get(acceptance);
    byte[] bytes = accepted.encoding().decode(text, from, to);
    if (bytes != null && accepted.algorithm().fits(bytes.length)) {
      if (accepted.algorithm().isPublicKey() && ++publicKeySignatures > MAX_PUBLIC_KEY_SIGNATURES) {
        refused = true;
      }
      add(acceptance, place, bytes);
    }
  }

  private void add(int acceptance, Scheme.Place of, byte[] bytes) {
    if (size() == 0) {
      onlyAcceptance = acceptance;
      onlyBytes = bytes;
      return;
    }
    if (several == null) {
      several = new ArrayList<>();
      several.add(new Candidate(onlyAcceptance, place, Objects.requireNonNull(onlyBytes)));
    }
    several.add(new Candidate(acceptance, of, bytes));
  }

  /** Takes in the signatures of another header. */
  void addAll(SignatureHeader other) {
    for (int i = 0; i < other.size(); i++) {
      add(other.acceptance(i), other.place(i), other.bytes(i));
    }
  }

  /** How many signatures there are to try. */
  int size() {
    if (several != null) {
      return several.size();
    }
    return onlyBytes == null ? 0 : 1;
  }

  /** Which acceptance a signature claims; they are in the order in which they stood. */
  int acceptance(int index) {
    return several == null ? onlyAcceptance : several.get(index).acceptance();
  }

  /** Where a signature stood. */
  Scheme.Place place(int index) {
    return several == null ? place : several.get(index).place();
  }

  /** A signature, decoded. */
  byte[] bytes(int index) {
    return several == null ? Objects.requireNonNull(onlyBytes) : several.get(index).bytes();
  }

  /** Why no signature here can be tried; null if one can. */
  @Nullable RejectReason flaw() {
    if (refused || (!anyEntry && size() == 0)) {
      return RejectReason.MALFORMED_SIGNATURE;
    }
    if (size() > 0) {
      return null;
    }
    return knownLabel ? RejectReason.MALFORMED_SIGNATURE : RejectReason.UNKNOWN_SIGNATURE_VERSION;
  }

  /** The time that stood among the entries, or null. */
  @Nullable String time() {
    return time;
  }

  /** Whether the time stood there twice, with different values. */
  boolean isTimeAmbiguous() {
    return timeTwice;
  }
}
