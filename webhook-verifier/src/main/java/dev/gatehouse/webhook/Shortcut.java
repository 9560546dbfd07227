package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.Grammar;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SignedParts;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The short way of the usual request: one signature, a MAC over texts, time, id and the raw body,
 * under a scheme that asks for nothing else.
 *
 * <p>It only ever says yes, and only where {@link RequestHead} and {@link SignatureMatch} would say
 * the same: whatever it does not take, it leaves to them, refusals included. {@code ShortcutTest}
 * holds both against each other.
 */
final class Shortcut {
  /** Beyond it the MAC is nearly all that is to be done, and a forger would have it made twice. */
  static final int MAX_BODY = 16 * 1024;

  private static final int MAX_PREFIX = 1024;
  private static final int MAX_SIGNATURE_TEXT = 256;
  private static final int MAX_MAC = 64;
  private static final ThreadLocal<Room> ROOM = ThreadLocal.withInitial(Room::new);

  private final HeadRules rules;
  private final HeadRules.Reads reads;
  private final Scheme.Content content;
  private final ContentTemplate template;
  private final TimeRule.@Nullable Unit unit;
  private final Acceptance[] accepts;
  private final String assign;
  private final Map<String, String> params;

  private Shortcut(HeadRules rules, ContentTemplate template, Map<String, String> params) {
    Scheme scheme = rules.scheme();
    TimeRule time = scheme.variants().get(0).time();
    this.rules = rules;
    this.reads = rules.first();
    this.content = scheme.contents().get(0);
    this.template = template;
    this.unit = time == null ? null : time.unit();
    this.accepts = scheme.accepts().toArray(Acceptance[]::new);
    this.assign = scheme.grammar().kind() == Grammar.Kind.ENTRIES ? scheme.grammar().assign() : "";
    this.params = params;
  }

  /** What a thread works in: nothing of it outlives a request. */
  private static final class Room {
    final byte[] prefix = new byte[MAX_PREFIX];
    final byte[] signature = new byte[MAX_MAC];
    final byte[] mac = new byte[MAX_MAC];
  }

  /**
   * The short way of a scheme; null if its requests need more.
   *
   * @param params the scheme's constants
   */
  static @Nullable Shortcut of(HeadRules rules, Map<String, String> params) {
    Scheme scheme = rules.scheme();
    Scheme.Content content = scheme.contents().get(0);
    ContentTemplate template = content.template();
    boolean usual =
        scheme.variants().size() == 1
            && scheme.contents().size() == 1
            && scheme.jwt() == null
            && scheme.handshakes().isEmpty()
            && scheme.requirements().isEmpty()
            && content.requirements().isEmpty()
            && content.whenQuery().isEmpty()
            && template != null
            && template.isPlain()
            && hasUsualSignatures(scheme)
            && hasUsualValues(scheme.variants().get(0), template);
    return usual && template != null ? new Shortcut(rules, template, params) : null;
  }

  private static boolean hasUsualSignatures(Scheme scheme) {
    Grammar grammar = scheme.grammar();
    List<Scheme.Place> places = scheme.variants().get(0).places();
    Set<String> labels =
        scheme.accepts().stream().map(Acceptance::label).collect(Collectors.toSet());
    boolean bare = grammar.kind() == Grammar.Kind.BARE;
    // In base64 and hex no entry can hold what stands between entries, so that a signature that can
    // be decoded to the end is the only one.
    boolean labelled =
        grammar.kind() == Grammar.Kind.ENTRIES
            && labels.size() == scheme.accepts().size()
            && labels.stream().noneMatch(label -> isTakenApart(label, grammar))
            && !Character.isLetterOrDigit(grammar.separator().charAt(0))
            && "+/-_=".indexOf(grammar.separator().charAt(0)) < 0;
    return (bare || labelled)
        && grammar.sets().isEmpty()
        && places.size() == 1
        && places.get(0).slot().isEmpty()
        && places.get(0).prefix().isEmpty()
        && !places.get(0).header().isEmpty()
        && scheme.accepts().stream().noneMatch(a -> a.encoding() == Encoding.TEXT);
  }

  // What a constant put into a label may hold: the long way would take such a label apart.
  private static boolean isTakenApart(String label, Grammar grammar) {
    return label.isEmpty()
        || label.contains(grammar.assign())
        || label.contains(grammar.separator())
        || label.startsWith(" ");
  }

  private static boolean hasUsualValues(Scheme.Variant variant, ContentTemplate template) {
    TimeRule time = variant.time();
    boolean usualTime =
        time == null
            ? !template.signsTime()
            : time.in().kind() == ValueSource.Kind.HEADER && time.unit() != TimeRule.Unit.RFC3339;
    return usualTime
        && variant.ids().stream().allMatch(id -> id.kind() == ValueSource.Kind.HEADER)
        && (!template.signsId() || !variant.ids().isEmpty());
  }

  /**
   * The key that signed the request, and the values it signed; null if that is not settled here.
   *
   * @param keys the keys of this moment
   * @param nowMillis the time of the check, in milliseconds since the epoch
   */
  @Nullable Usual match(
      WebhookRequest request, List<KeyRing.Entry<VerifyingKey>> keys, long nowMillis) {
    if (request.bodyBytes().length > MAX_BODY) {
      return null;
    }
    @Nullable String[] found = rules.sought().in(request.headers());
    String time = reads.time() < 0 ? null : found[reads.time()];
    String id = id(found);
    if (found[SoughtHeaders.CONTENT_ENCODING_AT] != null
        || !isTimely(time, nowMillis)
        || !isSound(id)) {
      return null;
    }
    Room room = ROOM.get();
    int acceptance = decode(found[reads.place(0)], room);
    int length = template.writePrefix(time, id, room.prefix);
    if (acceptance < 0 || length < 0) {
      return null;
    }
    for (int i = 0; i < keys.size(); i++) {
      KeyRing.Entry<VerifyingKey> entry = keys.get(i);
      VerifyingKey key = entry.key();
      MidstateHmac hmac = key.hasMac(acceptance) ? key.macs(acceptance).shared() : null;
      if (hmac == null) {
        return null;
      }
      int macLength = hmac.of(room.prefix, length, request.bodyBytes(), room.mac);
      if (ConstantTime.isEqual(room.mac, room.signature, macLength)) {
        boolean valid = entry.isAlwaysValid() || entry.isValidAt(Instant.ofEpochMilli(nowMillis));
        return valid ? new Usual(this, entry, request, time, id) : null;
      }
    }
    return null;
  }

  private @Nullable String id(@Nullable String[] found) {
    for (int at : reads.ids()) {
      String id = found[at];
      if (id != null) {
        return id;
      }
    }
    return null;
  }

  private boolean isTimely(@Nullable String time, long nowMillis) {
    return unit == null || (time != null && rules.checkNumber(unit, time, nowMillis) == null);
  }

  private boolean isSound(@Nullable String id) {
    if (id == null) {
      return !template.signsId();
    }
    return RequestHead.isPlain(id)
        && !(template.signsId()
            && RequestHead.couldBeSplitElsewhere(id, template, reads.variant().time()));
  }

  /** Decodes the one signature; returns which acceptance it claims, or -1. */
  private int decode(@Nullable String text, Room room) {
    if (text == null || text.length() > MAX_SIGNATURE_TEXT) {
      return -1;
    }
    for (int i = 0; i < accepts.length; i++) {
      Acceptance accepted = accepts[i];
      int label = accepted.label().length();
      if (text.startsWith(accepted.label()) && text.startsWith(assign, label)) {
        int from = label + assign.length();
        int to = text.length();
        boolean fits =
            accepted.algorithm().isMac()
                && accepted.algorithm().fits(accepted.encoding().length(text, from, to));
        return fits && accepted.encoding().decode(text, from, to, room.signature) ? i : -1;
      }
    }
    return -1;
  }

  /** A match of which everything but the key, the time and the id is the scheme's. */
  static final class Usual implements Match {
    private final Shortcut way;
    private final KeyRing.Entry<VerifyingKey> key;
    private final WebhookRequest request;
    private final @Nullable String time;
    private final @Nullable String id;

    private Usual(
        Shortcut way,
        KeyRing.Entry<VerifyingKey> key,
        WebhookRequest request,
        @Nullable String time,
        @Nullable String id) {
      this.way = way;
      this.key = key;
      this.request = request;
      this.time = time;
      this.id = id;
    }

    @Override
    public int keyIndex() {
      return key.index();
    }

    @Override
    public String keyId() {
      return key.id();
    }

    @Override
    public MatchedSignature signature() {
      SignedParts parts =
          new SignedParts(request.method(), List.of(), time, id, Map.of(), way.params, null);
      return new MatchedSignature(
          key.index(), key.id(), way.reads.variant(), way.content, parts, 0);
    }

    @Override
    public byte[] identity() {
      byte[] prefix = ROOM.get().prefix;
      // it fits: with the time it did
      int length = way.template.writeIdentityPrefix(id, prefix);
      return Fingerprint.sha256(prefix, length, request.bodyBytes());
    }

    @Override
    public @Nullable Attested deliveryId() {
      return id == null ? null : new Attested(id, way.template.signsId());
    }
  }
}
