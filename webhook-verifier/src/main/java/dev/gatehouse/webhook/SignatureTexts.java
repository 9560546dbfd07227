package dev.gatehouse.webhook;

import dev.gatehouse.webhook.SignatureHeader.Candidate;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.Scheme;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The signatures in the texts of one or several places, in any grammar, and the elements beside
 * them; for schemes that are judged over the whole request.
 *
 * <p>Nothing here is believed yet. Length and number are bounded before anything is decoded.
 */
final class SignatureTexts {
  private static final int MAX_LENGTH = 8 * 1024;
  // As in SignatureHeader: each costs a hundred times a MAC.
  private static final int MAX_PUBLIC_KEY_SIGNATURES = 4;

  private final Scheme scheme;
  private final @Nullable String chosen;
  private final List<Candidate> candidates = new ArrayList<>();
  private final Map<String, String> elements = new HashMap<>();
  private boolean refused;
  private boolean anyKnown;
  private boolean anyEntry;
  private int publicKeySignatures;

  /**
   * No texts yet.
   *
   * @param chosen the algorithm that the request names; null where the scheme has none named
   */
  SignatureTexts(Scheme scheme, @Nullable String chosen) {
    this.scheme = scheme;
    this.chosen = chosen;
  }

  /** Takes the text of a place. */
  void take(Scheme.Place place, String text) {
    if (text.length() > MAX_LENGTH || !place.begins(text, place.prefix())) {
      refused |= text.length() > MAX_LENGTH;
      return;
    }
    String bare = text.substring(place.prefix().length());
    Grammar grammar = scheme.grammar();
    if (grammar.kind() == Grammar.Kind.BARE) {
      signature(place, bare);
      return;
    }
    String[] entries = bare.split(Pattern.quote(grammar.separator()), grammar.maxEntries() + 1);
    if (entries.length > grammar.maxEntries()) {
      refused = true;
      return;
    }
    for (int i = 0; i < entries.length; i++) {
      String entry = grammar.trim() ? entries[i].strip() : entries[i];
      switch (grammar.kind()) {
        case POSITIONAL -> positional(place, entry, i);
        case ENTRIES -> entry(place, entry, grammar);
        default -> signature(place, entry);
      }
    }
  }

  private void positional(Scheme.Place place, String text, int at) {
    if (at == 0) {
      element("0", text);
    } else {
      signature(place, text);
    }
  }

  private void entry(Scheme.Place place, String text, Grammar grammar) {
    int cut = text.indexOf(grammar.assign());
    if (cut < 1) {
      refused |= grammar.malformed() == Grammar.Malformed.REFUSE;
      return;
    }
    anyEntry = true;
    String label = text.substring(0, cut);
    boolean isSignature = false;
    for (int i = 0; i < scheme.accepts().size(); i++) {
      if (scheme.accepts().get(i).label().equals(label)) {
        isSignature = true;
        add(i, place, text.substring(cut + 1));
      }
    }
    if (!isSignature) {
      element(label, text.substring(cut + 1));
    }
  }

  // An element that comes twice would be one thing to us and another to the next reader.
  private void element(String name, String value) {
    String before = elements.putIfAbsent(name, value);
    refused |= before != null && !before.equals(value);
  }

  private void signature(Scheme.Place place, String text) {
    anyEntry |= !text.isEmpty();
    for (int i = 0; i < scheme.accepts().size(); i++) {
      String prefix = scheme.accepts().get(i).label();
      if (place.begins(text, prefix)) {
        add(i, place, text.substring(prefix.length()));
      }
    }
  }

  private void add(int at, Scheme.Place place, String text) {
    Acceptance acceptance = scheme.accepts().get(at);
    if (!acceptance.chosen().isEmpty() && !acceptance.chosen().equals(chosen)) {
      return;
    }
    anyKnown = true;
    byte[] bytes = acceptance.encoding().decode(text);
    if (bytes == null || !acceptance.algorithm().fits(bytes.length)) {
      return;
    }
    if (acceptance.algorithm().isPublicKey() && ++publicKeySignatures > MAX_PUBLIC_KEY_SIGNATURES) {
      refused = true;
    }
    candidates.add(new Candidate(at, place, bytes));
  }

  /** The signatures to try. */
  List<Candidate> candidates() {
    return candidates;
  }

  /** The element of that name beside the signatures, or null. */
  @Nullable String element(String name) {
    return elements.get(name);
  }

  /** Why no signature here can be tried; null if one can. */
  @Nullable RejectReason flaw() {
    if (refused) {
      return RejectReason.MALFORMED_SIGNATURE;
    }
    if (!candidates.isEmpty()) {
      return null;
    }
    if (chosen != null && !anyKnown) {
      return RejectReason.UNKNOWN_SIGNATURE_VERSION;
    }
    return anyKnown || !anyEntry
        ? RejectReason.MALFORMED_SIGNATURE
        : RejectReason.UNKNOWN_SIGNATURE_VERSION;
  }
}
