package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.WebhookRequest.AMBIGUOUS;

import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The headers that a scheme reads, found in one pass over a request's and not in one for each. */
final class SoughtHeaders {
  /** Where the content's encoding is found, under every scheme. */
  static final int CONTENT_ENCODING_AT = 0;

  private static final String CONTENT_ENCODING = "content-encoding";
  private static final int SLOTS = 128;
  private static final short NONE = -1;
  private static final short SEVERAL = -2;

  private final String[] names;
  // Position of the name of that length and last letter, by which most headers are passed over.
  private final short[] slots = new short[SLOTS];

  private SoughtHeaders(Set<String> names) {
    names.remove(CONTENT_ENCODING);
    this.names = Stream.concat(Stream.of(CONTENT_ENCODING), names.stream()).toArray(String[]::new);
    Arrays.fill(slots, NONE);
    for (int i = 0; i < this.names.length; i++) {
      int slot = slot(this.names[i], this.names[i].length());
      slots[slot] = slots[slot] == NONE ? (short) i : SEVERAL;
    }
  }

  static SoughtHeaders of(Scheme scheme) {
    // Names that differ in case alone are one header.
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (Scheme.Variant variant : scheme.variants()) {
      variant.places().forEach(place -> names.add(place.header()));
      TimeRule time = variant.time();
      if (time != null && time.in().kind() == ValueSource.Kind.HEADER) {
        names.add(time.in().name());
      }
      variant.ids().stream()
          .filter(id -> id.kind() == ValueSource.Kind.HEADER)
          .forEach(id -> names.add(id.name()));
    }
    for (Requirement.HeaderEquals required : scheme.requirements()) {
      names.add(required.header());
    }
    for (Scheme.Content content : scheme.contents()) {
      ContentTemplate template = content.template();
      if (template != null) {
        names.addAll(template.headers());
      }
    }
    return new SoughtHeaders(names);
  }

  /** Headers that can be gone through. */
  interface OnePass {
    /** Gives each header to {@link SoughtHeaders#take}. */
    void giveTo(SoughtHeaders sought, @Nullable String[] found);
  }

  /**
   * Looks for them in a request's headers.
   *
   * @return the value of each, at the position of its name: null if it did not come, {@code
   *     AMBIGUOUS} if it came more than once with different values
   */
  @Nullable String[] in(Headers headers) {
    @Nullable String[] found = new @Nullable String[names.length];
    if (headers instanceof OnePass onePass) {
      onePass.giveTo(this, found);
    } else {
      for (int i = 0; i < names.length; i++) {
        found[i] = headers.only(names[i], AMBIGUOUS);
      }
    }
    return found;
  }

  private static int slot(CharSequence name, int length) {
    return length == 0 ? 0 : (length * 5 ^ (name.charAt(length - 1) | 0x20)) & (SLOTS - 1);
  }

  /** Takes the next header of a request, of whose values only those sought become texts. */
  void take(CharSequence name, CharSequence value, @Nullable String[] found) {
    int slot = slots[slot(name, name.length())];
    int at = slot == SEVERAL ? search(name) : slot;
    if (at < 0 || !isNamed(names[at], name)) {
      return;
    }
    String before = found[at];
    if (before == null) {
      found[at] = value.toString();
    } else if (!before.contentEquals(value)) {
      found[at] = AMBIGUOUS;
    }
  }

  private int search(CharSequence name) {
    for (int i = 0; i < names.length; i++) {
      if (isNamed(names[i], name)) {
        return i;
      }
    }
    return NONE;
  }

  // Mostly the case is the same too, which is quickly told of two strings. Netty's strings are
  // asked only where there are any: to load them is much for a first request.
  private static boolean isNamed(String sought, CharSequence name) {
    if (name instanceof String text) {
      return sought.equals(text) || sought.equalsIgnoreCase(text);
    }
    return name.length() == sought.length() && AsciiString.contentEqualsIgnoreCase(sought, name);
  }

  /**
   * At which position a header's value is found.
   *
   * @param name one of the scheme's
   */
  int at(String name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equalsIgnoreCase(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException(name + " is not a header of the scheme");
  }
}
