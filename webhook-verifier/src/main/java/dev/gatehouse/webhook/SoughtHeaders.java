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
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The headers that a scheme reads, found in one pass over a request's and not in one for each. */
final class SoughtHeaders {
  static final String CONTENT_ENCODING = "content-encoding";
  private static final int SLOTS = 128;
  private static final byte NONE = -1;
  private static final byte SEVERAL = -2;

  private final String[] names;
  // Position of the name of that length and last letter, by which most headers are passed over.
  private final byte[] slots = new byte[SLOTS];

  private SoughtHeaders(Set<String> names) {
    this.names = names.toArray(String[]::new);
    Arrays.fill(slots, NONE);
    for (int i = 0; i < this.names.length; i++) {
      int slot = slot(this.names[i], this.names[i].length());
      slots[slot] = slots[slot] == NONE ? (byte) i : SEVERAL;
    }
  }

  static SoughtHeaders of(Scheme scheme) {
    Set<String> names = new LinkedHashSet<>();
    names.add(CONTENT_ENCODING);
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

  /** Headers of which one pass is cheaper than a search for each name. */
  interface OnePass {
    /** Gives each header to {@link SoughtHeaders#take}. */
    void giveTo(SoughtHeaders sought, @Nullable String[] found);
  }

  /** Looks for them in a request's headers; null where a search for each is as quick. */
  @Nullable String @Nullable [] in(Headers headers) {
    if (!(headers instanceof OnePass onePass)) {
      return null;
    }
    @Nullable String[] found = new @Nullable String[names.length];
    onePass.giveTo(this, found);
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

  private static boolean isNamed(String sought, CharSequence name) {
    return name.length() == sought.length() && AsciiString.contentEqualsIgnoreCase(sought, name);
  }

  /**
   * The value of a header that must be single: null if it did not come, {@code AMBIGUOUS} if it
   * came more than once with different values.
   *
   * @param name one of the scheme's
   */
  @Nullable String only(String name, @Nullable String[] found) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(name)) {
        return found[i];
      }
    }
    throw new IllegalArgumentException(name + " is not a header of the scheme");
  }
}
