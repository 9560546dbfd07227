package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.WebhookRequest.AMBIGUOUS;

import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Requirement;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SignedParts;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.UrlForm;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the method, the URL and the headers of a request say under a scheme, before any of the body
 * has come: the signatures to try and the values that are signed, or why there is nothing to try.
 */
final class RequestHead {
  private static final int MAX_ID_LENGTH = 512;

  private static final @Nullable String[] NOTHING = {};

  private final HeadRules rules;
  private final WebhookRequest request;
  private final Headers headers;
  private final long nowMillis;

  private @Nullable SignatureHeader signatures;
  private HeadRules.Reads reads;
  private Scheme.Content content;
  private @Nullable String[] found = NOTHING;
  private @Nullable String timeText;
  private @Nullable String idText;
  private @Nullable SignedParts parts;
  private @Nullable Token token;

  /**
   * Reads a head. Ask {@link #read} for what is wrong with it before anything else.
   *
   * @param request what came; its body is not looked at
   * @param headers those to read the signature from
   * @param nowMillis the time of the check, in milliseconds since the epoch
   */
  RequestHead(HeadRules rules, WebhookRequest request, Headers headers, long nowMillis) {
    this.rules = rules;
    this.request = request;
    this.headers = headers;
    this.nowMillis = nowMillis;
    this.reads = rules.first();
    this.content = rules.scheme().contents().get(0);
  }

  /** Reads everything; returns why the request cannot be accepted, or null. */
  @Nullable RejectReason read(Map<String, String> params) {
    found = rules.sought().in(headers);
    String encoding = found[SoughtHeaders.CONTENT_ENCODING_AT];
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return RejectReason.UNSUPPORTED_CONTENT_ENCODING;
    }
    JwtRule jwt = rules.scheme().jwt();
    if (jwt != null) {
      return readToken(jwt, params);
    }
    chooseVariant();
    chooseContent();
    RejectReason flaw = readSignatures();
    if (flaw == null) {
      flaw = readTime();
    }
    if (flaw == null) {
      flaw = readId();
    }
    return flaw == null ? readRest(params) : flaw;
  }

  private @Nullable RejectReason readToken(JwtRule rule, Map<String, String> params) {
    String text = found[reads.place(0)];
    if (text == null) {
      return RejectReason.MISSING_SIGNATURE;
    }
    if (text.equals(AMBIGUOUS)) {
      return RejectReason.AMBIGUOUS_HEADER;
    }
    Token.Read read = Token.read(rules.scheme(), rule, text);
    Token found = read.token();
    if (found == null) {
      return read.flaw();
    }
    token = found;
    TokenRules tokenRules = new TokenRules(rules.scheme(), rule);
    RejectReason flaw = readTokenTime(found, tokenRules);
    if (flaw == null) {
      flaw = readTokenId(found);
    }
    parts =
        new SignedParts(
            request.method(), List.of(request.url()), timeText, null, Map.of(), params, null);
    return flaw == null ? tokenRules.check(found, request.method(), request.url(), params) : flaw;
  }

  private @Nullable RejectReason readTokenTime(Token found, TokenRules tokenRules) {
    TimeRule rule = reads.variant().time();
    boolean skipped = rules.window() == null && rule != null;
    RejectReason flaw = skipped ? null : tokenRules.checkLifetime(found, now());
    if (flaw != null || rule == null) {
      return flaw;
    }
    if (!found.has(rule.in().name())) {
      return RejectReason.MISSING_TIMESTAMP;
    }
    timeText = found.seconds(rule.in().name()).orElse(null);
    return timeText == null
        ? RejectReason.MALFORMED_TIMESTAMP
        : rules.checkNumber(rule.unit(), timeText, nowMillis);
  }

  private @Nullable RejectReason readTokenId(Token found) {
    List<ValueSource> sources = reads.variant().ids();
    for (int i = 0; i < sources.size(); i++) {
      ValueSource source = sources.get(i);
      if (source.kind() != ValueSource.Kind.CLAIM) {
        continue;
      }
      String text = found.text(source.name());
      if (text == null || text.isEmpty()) {
        return RejectReason.MISSING_ID;
      }
      idText = text;
      return isPlain(text) ? null : RejectReason.MALFORMED_ID;
    }
    return null;
  }

  /** Whether the body is compressed, so that it is not known which bytes are signed. */
  static boolean isEncoded(Headers headers) {
    String encoding = headers.first("content-encoding");
    return encoding != null
        && (!encoding.equalsIgnoreCase("identity") || headers.isAmbiguous("content-encoding"));
  }

  // The first set of which all headers are there; else the first of which one is. Never a mixture.
  private void chooseVariant() {
    HeadRules.Reads[] all = rules.variants();
    if (all.length == 1) {
      return;
    }
    for (HeadRules.Reads candidate : all) {
      if (candidate.count(found, false) == 0) {
        reads = candidate;
        return;
      }
    }
    for (HeadRules.Reads candidate : all) {
      if (candidate.count(found, true) > 0) {
        reads = candidate;
        return;
      }
    }
  }

  private void chooseContent() {
    if (rules.scheme().contents().size() == 1) {
      return;
    }
    for (Scheme.Content candidate : rules.scheme().contents()) {
      if (candidate.whenQuery().isEmpty() || queryParameter(candidate.whenQuery()).isPresent()) {
        content = candidate;
        return;
      }
    }
  }

  private @Nullable RejectReason readSignatures() {
    RejectReason flaw = RejectReason.MISSING_SIGNATURE;
    List<Scheme.Place> places = reads.variant().places();
    for (int i = 0; i < places.size(); i++) {
      Scheme.Place place = places.get(i);
      String text = found[reads.place(i)];
      if (AMBIGUOUS.equals(text) && rules.scheme().grammar().repeated()) {
        flaw = readRepeated(place);
        continue;
      }
      if (text == null) {
        continue;
      }
      if (text.equals(AMBIGUOUS)) {
        return RejectReason.AMBIGUOUS_HEADER;
      }
      RejectReason own = readSignature(place, text);
      if (own == RejectReason.MALFORMED_TIMESTAMP) {
        return own;
      }
      flaw = own == null ? flaw : own;
    }
    if (signatures == null) {
      return flaw;
    }
    List<Requirement.HeaderEquals> requirements = rules.scheme().requirements();
    for (int i = 0; i < requirements.size(); i++) {
      Requirement.HeaderEquals required = requirements.get(i);
      String value = found[rules.required(i)];
      if (AMBIGUOUS.equals(value)) {
        return RejectReason.AMBIGUOUS_HEADER;
      }
      if (!required.value().equals(value)) {
        return RejectReason.UNKNOWN_SIGNATURE_VERSION;
      }
    }
    return null;
  }

  private @Nullable RejectReason readRepeated(Scheme.Place place) {
    RejectReason flaw = RejectReason.MALFORMED_SIGNATURE;
    int count = 0;
    for (WebhookRequest.Header header : headers.all()) {
      if (!header.name().equalsIgnoreCase(place.header())) {
        continue;
      }
      if (++count > rules.scheme().grammar().maxEntries()) {
        signatures = null;
        return RejectReason.MALFORMED_SIGNATURE;
      }
      RejectReason own = readSignature(place, header.value());
      flaw = own == null ? flaw : own;
    }
    return flaw;
  }

  private @Nullable RejectReason readSignature(Scheme.Place place, String text) {
    String timeKey = reads.timeKey();
    SignatureHeader header = SignatureHeader.parse(rules.scheme(), place, timeKey, text);
    RejectReason flaw = header.flaw();
    if (flaw != null) {
      return flaw;
    }
    if (header.isTimeAmbiguous()) {
      return RejectReason.MALFORMED_TIMESTAMP;
    }
    if (!timeKey.isEmpty()) {
      timeText = header.time();
    }
    if (signatures == null) {
      signatures = header;
    } else {
      signatures.addAll(header);
    }
    return null;
  }

  private @Nullable RejectReason readTime() {
    TimeRule rule = reads.variant().time();
    if (rule == null || rule.in().isInBody()) {
      return null;
    }
    if (reads.time() >= 0) {
      timeText = found[reads.time()];
      if (AMBIGUOUS.equals(timeText)) {
        return RejectReason.AMBIGUOUS_HEADER;
      }
    }
    if (timeText == null) {
      return RejectReason.MISSING_TIMESTAMP;
    }
    return checkTime(rule.unit(), timeText);
  }

  /** Why a signed time cannot be accepted, or null. */
  @Nullable RejectReason checkTime(TimeRule.Unit unit, String text) {
    return unit == TimeRule.Unit.RFC3339
        ? checkMoment(unit, text)
        : rules.checkNumber(unit, text, nowMillis);
  }

  private @Nullable RejectReason checkMoment(TimeRule.Unit unit, String text) {
    Optional<Instant> time = unit.parse(text);
    if (time.isEmpty()) {
      return RejectReason.MALFORMED_TIMESTAMP;
    }
    if (rules.window() == null) {
      return null;
    }
    if (time.get().isBefore(now().minus(rules.window()))) {
      return RejectReason.TOO_OLD;
    }
    return time.get().isAfter(now().plus(rules.window())) ? RejectReason.TOO_NEW : null;
  }

  /** Why a signed time cannot be accepted, or null. */
  @Nullable RejectReason checkTime(TimeRule rule, String text) {
    return rule.unit() == TimeRule.Unit.RFC3339
        ? checkMoment(rule.unit(), text)
        : rules.checkNumber(rule.unit(), text, nowMillis);
  }

  private @Nullable RejectReason readId() {
    ContentTemplate template = content.template();
    for (int at : reads.ids()) {
      String text = found[at];
      if (text == null) {
        continue;
      }
      if (text.equals(AMBIGUOUS)) {
        return RejectReason.AMBIGUOUS_HEADER;
      }
      if (!isPlain(text)) {
        return RejectReason.MALFORMED_ID;
      }
      idText = text;
      break;
    }
    if (template == null || !template.signsId()) {
      return null;
    }
    if (idText == null) {
      return RejectReason.MISSING_ID;
    }
    return couldBeSplitElsewhere(idText, template, reads.variant().time())
        ? RejectReason.MALFORMED_ID
        : null;
  }

  // Visible ASCII, so that what was signed, what is stored and what is shown are one text.
  static boolean isPlain(String text) {
    if (text.isEmpty() || text.length() > MAX_ID_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  // In a.1700000000.{body} the id may have been "a", and the rest a time and another body: one
  // signature for two readings. An honest sender's id does not end so. In {id}.{body} any full stop
  // in the id is such a place.
  static boolean couldBeSplitElsewhere(
      String id, ContentTemplate template, @Nullable TimeRule time) {
    String separator = template.separatorAfterId();
    if (template.idRunsOn() && !isToken(id)) {
      return true;
    }
    if (separator.isEmpty() || !id.contains(separator)) {
      return false;
    }
    if (!template.hasTimeAfterId()) {
      return true;
    }
    String last = id.substring(id.lastIndexOf(separator) + separator.length());
    return isDigits(last) || (time != null && time.unit().parse(last).isPresent());
  }

  // What ids are made of where nothing ends them: no sign of JSON, and no colon of a time. An id
  // that held some of the body could make a time within the body the signed one.
  private static boolean isToken(String text) {
    return text.chars()
        .allMatch(
            c ->
                (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-_=+/".indexOf(c) >= 0);
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private @Nullable RejectReason readRest(Map<String, String> params) {
    Map<String, String> values = Map.of();
    ContentTemplate template = content.template();
    if (template != null && !template.headers().isEmpty()) {
      values = new HashMap<>();
      for (String name : template.headers()) {
        String value = found[rules.sought().at(name)];
        if (value == null) {
          return RejectReason.MISSING_SIGNATURE;
        }
        if (value.equals(AMBIGUOUS)) {
          return RejectReason.AMBIGUOUS_HEADER;
        }
        values.put(name, value);
      }
    }
    parts = new SignedParts(request.method(), urlForms(), timeText, idText, values, params, null);
    return null;
  }

  private List<String> urlForms() {
    ContentTemplate template = content.template();
    if (template == null || !template.signsUrl()) {
      return List.of();
    }
    if (rules.scheme().urlForms().size() == 1) {
      return List.of(rules.scheme().urlForms().get(0).apply(request.url()));
    }
    Set<String> forms = new LinkedHashSet<>();
    for (UrlForm form : rules.scheme().urlForms()) {
      forms.add(form.apply(request.url()));
    }
    return List.copyOf(forms);
  }

  /** The one value of a query parameter; empty if it is absent, doubled or cannot be read. */
  Optional<String> queryParameter(String name) {
    return FormPairs.ofQuery(request.url())
        .filter(q -> !q.isAmbiguous(name))
        .flatMap(q -> q.first(name));
  }

  String method() {
    return request.method();
  }

  String url() {
    return request.url();
  }

  /** What came, without its body where that is still to come. */
  WebhookRequest request() {
    return request;
  }

  Headers headers() {
    return headers;
  }

  /** The time of the check, to the millisecond. */
  Instant now() {
    return Instant.ofEpochMilli(nowMillis);
  }

  long nowMillis() {
    return nowMillis;
  }

  /** The signatures to try; at least one. */
  SignatureHeader signatures() {
    if (signatures == null) {
      throw new IllegalStateException("the head was not read, or was refused");
    }
    return signatures;
  }

  Scheme.Variant variant() {
    return reads.variant();
  }

  Scheme.Content content() {
    return content;
  }

  @Nullable String id() {
    return idText;
  }

  /** Whether one of the signatures is such that a public key checks it. */
  boolean asksForPublicKey() {
    if (token != null) {
      return rules.scheme().accepts().get(token.acceptance()).algorithm().isPublicKey();
    }
    if (signatures == null) {
      return true;
    }
    for (int i = 0; i < signatures.size(); i++) {
      if (rules.scheme().accepts().get(signatures.acceptance(i)).algorithm().isPublicKey()) {
        return true;
      }
    }
    return false;
  }

  /** The token, where the scheme has one. */
  @Nullable Token token() {
    return token;
  }

  SignedParts parts() {
    if (parts == null) {
      throw new IllegalStateException("the head was not read, or was refused");
    }
    return parts;
  }
}
