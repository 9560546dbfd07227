package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.WebhookRequest.AMBIGUOUS;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.rfc9421.HttpMessage;
import dev.gatehouse.webhook.rfc9421.MessageRefusal;
import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The verification of one request by its HTTP message signature. All that is signed stands in the
 * head, so a forged request is refused before any of its body is read; the body then has to be the
 * one whose digest was signed.
 */
final class MessageCheck {
  private final WebhookVerifier verifier;
  private final RequestHead head;
  private final @Nullable Verification early;
  private final @Nullable MatchedSignature matched;
  private final KeyRing.@Nullable Entry<VerifyingKey> key;

  private MessageCheck(
      WebhookVerifier verifier,
      RequestHead head,
      @Nullable Verification early,
      @Nullable MatchedSignature matched,
      KeyRing.@Nullable Entry<VerifyingKey> key) {
    this.verifier = verifier;
    this.head = head;
    this.early = early;
    this.matched = matched;
    this.key = key;
  }

  /** Judges a head. */
  static MessageCheck begin(
      WebhookVerifier verifier,
      MessagePolicy policy,
      List<KeyRing.Entry<VerifyingKey>> keys,
      RequestHead head) {
    Verification handshake = verifier.unsignedHandshake(head);
    if (handshake != null) {
      return new MessageCheck(verifier, head, handshake, null, null);
    }
    if (RequestHead.isEncoded(head.headers())) {
      return refused(verifier, head, RejectReason.UNSUPPORTED_CONTENT_ENCODING);
    }
    HttpMessage message = message(head.method(), head.url(), head.headers());
    List<KeyRing.Entry<VerifyingKey>> valid = MessagePolicy.validAt(keys, head.now());
    MessageVerdict verdict = policy.verify(message, valid, head.now());
    if (verdict instanceof MessageVerdict.Accepted accepted) {
      RejectReason flaw = idFlaw(verifier.scheme(), head.headers());
      KeyRing.Entry<VerifyingKey> made = valid.get(accepted.keyAt());
      return flaw == null
          ? new MessageCheck(verifier, head, null, matched(verifier, accepted, made), made)
          : refused(verifier, head, flaw);
    }
    // Only now: beside a signature that is right, one of a key that has ended decides nothing.
    if (valid.size() < keys.size()) {
      verdict = policy.verify(message, keys, head.now());
    }
    return verdict instanceof MessageVerdict.Refused no
        ? refused(verifier, head, reason(no.refusal().flaw()))
        : refused(verifier, head, RejectReason.EXPIRED_KEY);
  }

  // The signature is over the field's lines joined and trimmed. An id that could be written in
  // another way under it would make a captured delivery a new one.
  private static @Nullable RejectReason idFlaw(Scheme scheme, Headers headers) {
    for (ValueSource id : scheme.variants().get(0).ids()) {
      boolean isHeader = id.kind() == ValueSource.Kind.HEADER;
      String text = isHeader ? headers.only(id.name(), AMBIGUOUS) : null;
      if (text != null) {
        if (text.equals(AMBIGUOUS)) {
          return RejectReason.AMBIGUOUS_HEADER;
        }
        return RequestHead.isPlain(text) ? null : RejectReason.MALFORMED_ID;
      }
    }
    return null;
  }

  private static MessageCheck refused(
      WebhookVerifier verifier, RequestHead head, RejectReason reason) {
    return new MessageCheck(verifier, head, Verification.rejected(reason), null, null);
  }

  /** A request's head, as signatures over messages see it. */
  static HttpMessage message(String method, String url, Headers headers) {
    List<Header> all = headers.all();
    List<HttpMessage.Field> fields = new ArrayList<>(all.size());
    for (Header header : all) {
      fields.add(new HttpMessage.Field(header.name(), header.value()));
    }
    return HttpMessage.request(method, url, fields);
  }

  private static MatchedSignature matched(
      WebhookVerifier verifier,
      MessageVerdict.Accepted accepted,
      KeyRing.Entry<VerifyingKey> made) {
    return new MatchedSignature(
        made.index(),
        made.id(),
        verifier.scheme().variants().get(0),
        verifier.scheme().contents().get(0),
        null,
        0,
        null,
        accepted);
  }

  private static RejectReason reason(MessageRefusal.Flaw flaw) {
    return switch (flaw) {
      case MISSING_SIGNATURE -> RejectReason.MISSING_SIGNATURE;
      case MALFORMED_SIGNATURE -> RejectReason.MALFORMED_SIGNATURE;
      case AMBIGUOUS_SIGNATURE -> RejectReason.AMBIGUOUS_HEADER;
      case UNKNOWN_ALGORITHM -> RejectReason.UNKNOWN_SIGNATURE_VERSION;
      case MISSING_TIME -> RejectReason.MISSING_TIMESTAMP;
      case MALFORMED_TIME -> RejectReason.MALFORMED_TIMESTAMP;
      case TOO_OLD -> RejectReason.TOO_OLD;
      case TOO_NEW -> RejectReason.TOO_NEW;
      case MISSING_NONCE -> RejectReason.MISSING_ID;
      case MALFORMED_NONCE -> RejectReason.MALFORMED_ID;
      case UNKNOWN_KEY -> RejectReason.UNKNOWN_KEY;
      case MISSING_COMPONENT, UNUSABLE_COMPONENT, MISMATCH, BODY_MISMATCH ->
          RejectReason.SIGNATURE_MISMATCH;
    };
  }

  /** What the head alone decides; null if the body is needed. */
  @Nullable Verification early() {
    return early;
  }

  /** Decides over the request, whose body is whole. */
  Verification finish(WebhookRequest request) {
    if (early != null) {
      return early;
    }
    if (matched == null || key == null || matched.message() == null) {
      throw new IllegalStateException("a head that is not refused has a signature");
    }
    Optional<MessageRefusal> flaw = matched.message().judgeBody(request.bodyBytes());
    return flaw.isPresent()
        ? Verification.rejected(reason(flaw.get().flaw()))
        : verifier.accept(request, matched, head, key);
  }
}
