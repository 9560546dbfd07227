package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.WebhookRequest.AMBIGUOUS;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.SignatureHeader.Candidate;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Pair;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeShape;
import dev.gatehouse.webhook.scheme.SignedParts;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.UrlForm;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges a request of a scheme of which nothing can be told before the body is whole: its signature
 * stands in the body, or parts of what is signed are worked out of it.
 *
 * <p>Where the body is a batch whose items are signed each by itself, one key must have signed all
 * of them, and there must be at least one.
 */
final class WholeRequest {
  private final WebhookVerifier verifier;
  private final Scheme scheme;
  private final List<KeyRing.Entry<VerifyingKey>> keys;
  private final RequestHead head;
  private final WebhookRequest request;
  private final RequestValues values;
  private @Nullable String timeText;

  /** One item of the batch that the body is; mostly there is one, which is the whole request. */
  private record Item(
      SignatureTexts texts, Scheme.Content content, SignedParts parts, @Nullable Attested id) {}

  /** A value, or why there is none. */
  private record Found<T>(@Nullable T value, @Nullable RejectReason flaw) {
    static <T> Found<T> flawed(RejectReason flaw) {
      return new Found<>(null, flaw);
    }

    T get() {
      return Objects.requireNonNull(value);
    }
  }

  /**
   * A judgement.
   *
   * @param keys the keys of which one must have signed
   * @param head a head that {@link #early} found nothing against
   */
  WholeRequest(
      WebhookVerifier verifier,
      List<KeyRing.Entry<VerifyingKey>> keys,
      RequestHead head,
      WebhookRequest request) {
    this.verifier = verifier;
    this.scheme = verifier.scheme();
    this.keys = keys;
    this.head = head;
    this.request = request;
    this.values = new RequestValues(request, verifier.unverifiedPointers());
  }

  /** What can be told without the body: the reason to refuse the request, or null. */
  static @Nullable RejectReason early(RequestHead head, Scheme scheme) {
    if (RequestHead.isEncoded(head.headers())) {
      return RejectReason.UNSUPPORTED_CONTENT_ENCODING;
    }
    boolean possible = false;
    for (Scheme.Variant variant : scheme.variants()) {
      for (Scheme.Place place : variant.places()) {
        boolean header = place.in().kind() == ValueSource.Kind.HEADER;
        String text = header ? head.headers().only(place.header(), AMBIGUOUS) : "";
        if (AMBIGUOUS.equals(text)) {
          return RejectReason.AMBIGUOUS_HEADER;
        }
        possible |= text != null;
      }
    }
    if (!possible) {
      return RejectReason.MISSING_SIGNATURE;
    }
    for (Requirement.HeaderEquals required : scheme.requirements()) {
      String text = head.headers().only(required.header(), AMBIGUOUS);
      if (!required.value().equals(text)) {
        return AMBIGUOUS.equals(text)
            ? RejectReason.AMBIGUOUS_HEADER
            : RejectReason.UNKNOWN_SIGNATURE_VERSION;
      }
    }
    return null;
  }

  /** Decides. */
  Verification decide() {
    if (couldBeExtended()) {
      return Verification.rejected(RejectReason.MALFORMED_BODY);
    }
    for (Scheme.Variant variant : scheme.variants()) {
      if (isThere(variant)) {
        return decide(variant);
      }
    }
    return Verification.rejected(absence());
  }

  /** Decides where the request names no key that could have signed: what it lacks goes first. */
  Verification decideWithoutKey() {
    boolean isSigned = scheme.variants().stream().anyMatch(this::isThere);
    return Verification.rejected(isSigned ? RejectReason.UNKNOWN_KEY : absence());
  }

  // A body that cannot be read has no place, and that is what is to be told.
  private RejectReason absence() {
    return scheme.variants().stream().allMatch(this::cannotBeRead)
        ? RejectReason.MALFORMED_BODY
        : RejectReason.MISSING_SIGNATURE;
  }

  /**
   * What a signer signs of each item, as this judgement would read it.
   *
   * @param contents the contents, in the order of the items
   * @param flaw why the request would be refused whatever the signature; null if it would not
   */
  record Signable(List<byte[]> contents, @Nullable RejectReason flaw) {}

  /** What has to be signed; the signatures that are there only show their places and lengths. */
  Signable signable() {
    for (Scheme.Variant variant : scheme.variants()) {
      if (isThere(variant)) {
        return signable(variant);
      }
    }
    return new Signable(List.of(), RejectReason.MISSING_SIGNATURE);
  }

  private Signable signable(Scheme.Variant variant) {
    String array = arrayOf(variant);
    int count = array.isEmpty() ? 1 : values.json().orElseThrow().items(array);
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Found<Item> item = item(variant, i);
      if (item.flaw() != null) {
        return new Signable(List.of(), item.flaw());
      }
      boolean signs = item.get().content().template() != null;
      contents.add(signs ? content(item.get(), 0) : new byte[0]);
    }
    return new Signable(contents, null);
  }

  // A plain hash that begins with the secret can be carried on by anybody who has seen one: what
  // then stands between the old body and the new end is 0x80 and zeros, which no UTF-8 text holds.
  private boolean couldBeExtended() {
    return scheme.accepts().stream().anyMatch(a -> a.algorithm().isHashWithSecret())
        && !isUtf8(request.bodyBytes());
  }

  private static boolean isUtf8(byte[] body) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
      return true;
    } catch (CharacterCodingException notText) {
      return false;
    }
  }

  private boolean cannotBeRead(Scheme.Variant variant) {
    return variant.places().stream()
        .anyMatch(
            p ->
                switch (p.in().kind()) {
                  case JSON -> values.json().isEmpty();
                  case FORM -> values.form().isEmpty();
                  case FIELD -> values.parameters().isEmpty();
                  default -> false;
                });
  }

  private boolean isThere(Scheme.Variant variant) {
    String array = arrayOf(variant);
    if (!array.isEmpty()) {
      return values.json().map(json -> json.items(array)).orElse(0) > 0;
    }
    return variant.places().stream().anyMatch(p -> values.value(p.in(), null, 0) != null);
  }

  private static String arrayOf(Scheme.Variant variant) {
    return variant.places().get(0).in().itemsOf();
  }

  private Verification decide(Scheme.Variant variant) {
    String array = arrayOf(variant);
    int count = array.isEmpty() ? 1 : values.json().orElseThrow().items(array);
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Found<Item> item = item(variant, i);
      if (item.flaw() != null) {
        return Verification.rejected(item.flaw());
      }
      items.add(item.get());
    }
    return hasDoubles(items)
        ? Verification.rejected(RejectReason.MALFORMED_BODY)
        : match(variant, items);
  }

  // An item that was seen once could be sent twice in one batch, then three times: each a batch
  // that
  // was never seen before.
  private boolean hasDoubles(List<Item> items) {
    Set<ByteBuffer> seen = new HashSet<>();
    for (Item item : items) {
      boolean isSigned = items.size() > 1 && item.content().template() != null;
      if (isSigned && !seen.add(ByteBuffer.wrap(identity(item, 0)))) {
        return true;
      }
    }
    return false;
  }

  // --- what one item says

  private Found<Item> item(Scheme.Variant variant, int at) {
    Found<SignatureTexts> texts = texts(variant, at);
    if (texts.flaw() != null) {
      return Found.flawed(texts.flaw());
    }
    Scheme.Content content = content(at);
    if (content == null) {
      return Found.flawed(RejectReason.MALFORMED_BODY);
    }
    RejectReason flaw = readTime(variant, texts.get());
    if (flaw == null) {
      flaw = checkRequirements(content);
    }
    return flaw == null ? item(variant, texts.get(), content, at) : Found.flawed(flaw);
  }

  private Found<SignatureTexts> texts(Scheme.Variant variant, int at) {
    ValueSource algorithmIn = scheme.reading().algorithmIn();
    String chosen = algorithmIn == null ? null : values.value(algorithmIn, null, at);
    if (algorithmIn != null && (chosen == null || chosen.equals(AMBIGUOUS))) {
      return Found.flawed(RejectReason.UNKNOWN_SIGNATURE_VERSION);
    }
    SignatureTexts texts = new SignatureTexts(scheme, chosen);
    boolean any = false;
    for (Scheme.Place place : variant.places()) {
      String text = values.value(place.in(), null, at);
      if (AMBIGUOUS.equals(text)) {
        return Found.flawed(
            place.in().kind() == ValueSource.Kind.HEADER
                ? RejectReason.AMBIGUOUS_HEADER
                : RejectReason.MALFORMED_BODY);
      }
      if (text != null) {
        any = true;
        texts.take(place, text);
      }
    }
    if (!any) {
      return Found.flawed(RejectReason.MISSING_SIGNATURE);
    }
    RejectReason flaw = texts.flaw();
    return flaw == null ? new Found<>(texts, null) : Found.flawed(flaw);
  }

  private Scheme.@Nullable Content content(int at) {
    for (Scheme.Content content : scheme.contents()) {
      if (values.holds(content.when(), at)) {
        return content;
      }
    }
    return null;
  }

  private @Nullable RejectReason readTime(Scheme.Variant variant, SignatureTexts texts) {
    TimeRule rule = variant.time();
    if (rule == null || timeText != null) {
      return null;
    }
    String text = values.value(rule.in(), texts, 0);
    if (text == null) {
      return RejectReason.MISSING_TIMESTAMP;
    }
    if (text.equals(AMBIGUOUS)) {
      return rule.in().kind() == ValueSource.Kind.HEADER
          ? RejectReason.AMBIGUOUS_HEADER
          : RejectReason.MALFORMED_TIMESTAMP;
    }
    timeText = text;
    return head.checkTime(rule.unit(), text);
  }

  private @Nullable RejectReason checkRequirements(Scheme.Content content) {
    for (Requirement requirement : content.requirements()) {
      boolean met = isMet(requirement);
      if (!met) {
        return requirement instanceof Requirement.BodyHash
            ? RejectReason.SIGNATURE_MISMATCH
            : RejectReason.MALFORMED_BODY;
      }
    }
    return null;
  }

  private boolean isMet(Requirement requirement) {
    if (requirement instanceof Requirement.FormBody) {
      return request.bodyBytes().length == 0 || RequestValues.isForm(request);
    }
    if (requirement instanceof Requirement.OnlyField only) {
      List<Pair> form = values.form().orElse(List.of());
      return form.size() == 1 && form.get(0).name().equals(only.name());
    }
    if (requirement instanceof Requirement.BodyHash hash) {
      return hash.isMetBy(request.url(), Fingerprint.sha256(request.bodyBytes()));
    }
    return requirement instanceof Requirement.HeaderEquals header
        && header.value().equals(values.header(header.header()));
  }

  private Found<Item> item(
      Scheme.Variant variant, SignatureTexts texts, Scheme.Content content, int at) {
    ContentTemplate template = content.template();
    Found<Attested> id = id(variant, content, texts, at);
    if (id.flaw() != null) {
      return Found.flawed(id.flaw());
    }
    String idText = id.value() == null ? null : id.value().value();
    Map<String, String> headers = new HashMap<>();
    for (String name : template == null ? List.<String>of() : template.headers()) {
      String value = values.header(name);
      if (value == null || value.equals(AMBIGUOUS)) {
        return Found.flawed(
            value == null ? RejectReason.MISSING_SIGNATURE : RejectReason.AMBIGUOUS_HEADER);
      }
      headers.put(name, value);
    }
    SignedParts parts =
        new SignedParts(
            request.method(), urlForms(template), timeText, idText, headers, params(), null);
    if (template == null) {
      return new Found<>(new Item(texts, content, parts, id.value()), null);
    }
    WorkedParts.Outcome worked = WorkedParts.of(scheme, variant, template, values, texts, at);
    if (worked.flaw() != null) {
      return Found.flawed(worked.flaw());
    }
    parts = parts.withWorked(worked.parts());
    if (template.readsForm()) {
      byte[] form =
          FormPairs.read(request.bodyBytes()).map(FormPairs::sortedAndJoined).orElse(null);
      if (form == null) {
        return Found.flawed(RejectReason.MALFORMED_BODY);
      }
      parts = parts.withForm(form);
    }
    return new Found<>(new Item(texts, content, parts, id.value()), null);
  }

  private Map<String, String> params() {
    return verifier.params();
  }

  private List<String> urlForms(@Nullable ContentTemplate template) {
    if (template == null || !template.signsUrl()) {
      return List.of("");
    }
    List<String> forms = new ArrayList<>();
    for (UrlForm form : scheme.urlForms()) {
      String text = form.apply(request.url());
      if (!forms.contains(text)) {
        forms.add(text);
      }
    }
    return List.copyOf(forms);
  }

  private Found<Attested> id(
      Scheme.Variant variant, Scheme.Content content, SignatureTexts texts, int at) {
    ContentTemplate template = content.template();
    boolean inTemplate = template != null && template.signsId();
    for (ValueSource source : variant.ids()) {
      String value = values.value(source, texts, at);
      if (value == null || value.isBlank()) {
        continue;
      }
      if (value.equals(AMBIGUOUS)) {
        return Found.flawed(
            source.kind() == ValueSource.Kind.HEADER
                ? RejectReason.AMBIGUOUS_HEADER
                : RejectReason.MALFORMED_ID);
      }
      boolean plain = RequestHead.isPlain(value);
      boolean cut =
          template != null
              && inTemplate
              && !template.separatorAfterId().isEmpty()
              && value.contains(template.separatorAfterId());
      // What is signed as it stands has to be ASCII, or two ids could be one in the content.
      if (cut || (!plain && (inTemplate || !source.isInBody()))) {
        return Found.flawed(RejectReason.MALFORMED_ID);
      }
      boolean signed = inTemplate || SchemeShape.isSigned(scheme, content, source);
      return new Found<>(new Attested(value, signed), null);
    }
    return inTemplate ? Found.flawed(RejectReason.MISSING_ID) : new Found<>(null, null);
  }

  // --- keys against signatures

  private Verification match(Scheme.Variant variant, List<Item> items) {
    int forms = items.get(0).parts().urlForms().size();
    boolean expired = false;
    for (KeyRing.Entry<VerifyingKey> key : keys) {
      for (int form = 0; form < forms; form++) {
        int acceptance = matchingAll(key.key(), items, form);
        if (acceptance >= 0 && (key.isAlwaysValid() || key.isValidAt(head.now()))) {
          return accept(variant, items, key, form);
        }
        expired |= acceptance >= 0;
      }
    }
    return Verification.rejected(
        expired ? RejectReason.EXPIRED_KEY : RejectReason.SIGNATURE_MISMATCH);
  }

  private int matchingAll(VerifyingKey key, List<Item> items, int form) {
    int acceptance = -1;
    for (Item item : items) {
      acceptance = matching(key, item, form);
      if (acceptance < 0) {
        return -1;
      }
    }
    return acceptance;
  }

  /** One acceptance's MAC of an item: made once, however many signatures claim it. */
  private record Mac(byte[] bytes) {}

  private int matching(VerifyingKey key, Item item, int form) {
    @Nullable Mac[] made = new @Nullable Mac[scheme.accepts().size()];
    byte[] content = null;
    for (Candidate candidate : item.texts().candidates()) {
      int at = candidate.acceptance();
      Acceptance acceptance = scheme.accepts().get(at);
      if (!key.mayMake(candidate.place())) {
        continue;
      }
      if (acceptance.algorithm() == Algorithm.TOKEN) {
        if (key.isToken(candidate.bytes())) {
          return at;
        }
        continue;
      }
      content = content == null ? content(item, form) : content;
      if (matches(key, acceptance, candidate, content, made)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean matches(
      VerifyingKey key,
      Acceptance acceptance,
      Candidate candidate,
      byte[] content,
      @Nullable Mac[] made) {
    int at = candidate.acceptance();
    if (acceptance.algorithm().isHashWithSecret()) {
      return key.isHash(acceptance, content, candidate.bytes());
    }
    if (!key.hasMac(at)) {
      return key.hasPublicKey(at)
          && key.verifies(at, acceptance.algorithm().jcaName(), content, candidate.bytes());
    }
    Mac mac = made[at];
    if (mac == null) {
      mac = new Mac(mac(key.macs(at), content));
      made[at] = mac;
    }
    return MessageDigest.isEqual(mac.bytes(), candidate.bytes());
  }

  private static byte[] mac(MacPool pool, byte[] content) {
    ContentMac mac = pool.own();
    mac.put(content);
    return mac.finish().clone();
  }

  private byte[] content(Item item, int form) {
    VerifyingKey.Joined joined = new VerifyingKey.Joined();
    ContentTemplate template = Objects.requireNonNull(item.content().template());
    template.feedAll(item.parts(), form, request.bodyBytes(), joined);
    return joined.toByteArray();
  }

  private Verification accept(
      Scheme.Variant variant, List<Item> items, KeyRing.Entry<VerifyingKey> key, int form) {
    Item first = items.get(0);
    SignedParts parts = first.parts();
    if (first.content().template() != null) {
      parts = parts.withIdentity(identity(items, form));
    }
    // The first item's id is not the batch's: another batch may begin with the same one.
    Attested id = items.size() == 1 ? first.id() : null;
    MatchedSignature matched =
        new MatchedSignature(key.index(), key.id(), variant, first.content(), parts, form, id);
    return verifier.accept(request, matched, head, key);
  }

  // Each item's length goes before it, so that nothing can move from one to the next.
  private byte[] identity(List<Item> items, int form) {
    VerifyingKey.Joined joined = new VerifyingKey.Joined();
    for (Item item : items) {
      byte[] own = identity(item, form);
      joined.put(ByteBuffer.allocate(4).putInt(own.length).array());
      joined.put(own);
    }
    return joined.toByteArray();
  }

  private byte[] identity(Item item, int form) {
    VerifyingKey.Joined own = new VerifyingKey.Joined();
    Objects.requireNonNull(item.content().template())
        .feedIdentity(item.parts(), form, request.bodyBytes(), own);
    return own.toByteArray();
  }
}
