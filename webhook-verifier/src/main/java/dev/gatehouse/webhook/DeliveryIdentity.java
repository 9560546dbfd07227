package dev.gatehouse.webhook;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.rfc9421.MessageVerdict;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeShape;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What makes a delivery of one source itself, whenever and however often it comes: the key by which
 * it is claimed, and the fingerprint that tells another content under the same key.
 */
final class DeliveryIdentity {
  // What an identity begins with, so that none of one kind is ever another's.
  private static final byte[] BY_ID = {'i'};
  private static final byte[] BY_MOMENT = {'o'};
  private static final byte[] BY_CONTENT = {'f'};
  private static final byte[] BY_CONTENT_AND_ID = {'u'};
  private static final byte[] NO_BYTES = {};

  private final Scheme scheme;
  private final Map<String, String> params;
  private final String source;
  private final @Nullable TenantId tenant;
  private final ClaimKey.Source ownClaims;
  private final boolean timeInBody;
  private final boolean signsIdAndBody;

  /**
   * The identities of a source.
   *
   * @param params the scheme's constants
   * @param source the source's name
   * @param tenant the one tenant to which it belongs, if there is one
   */
  DeliveryIdentity(
      Scheme scheme, Map<String, String> params, String source, @Nullable TenantId tenant) {
    this.scheme = scheme;
    this.params = params;
    this.source = source;
    this.tenant = tenant;
    this.ownClaims = claimSource(tenant);
    this.timeInBody = scheme.hasTimeInBody();
    this.signsIdAndBody = SchemeShape.signsIdAndBody(scheme);
  }

  /**
   * Signed ids identify a delivery. An unsigned one decides nothing, since an attacker would pick
   * it: there the digest of what is signed does, its time left out because a retry is signed anew.
   * Where equal bodies are legitimate the unsigned id is joined to that digest: alone, it would let
   * an attacker claim the id of a delivery that is still to come. Without any id they are told by
   * the moment they came: nothing else could tell the second notification from a replay, and to
   * lose one is worse than to fetch twice.
   */
  ClaimKey claimKey(VerifiedWebhook webhook) {
    Attested id = webhook.deliveryId().orElse(null);
    boolean isVouchedFor = id != null && (id.signed() || scheme.tokenVouchesForId());
    boolean counts = isVouchedFor || (id != null && scheme.equalBodies());
    byte[] value = id != null && counts ? id.value().getBytes(StandardCharsets.UTF_8) : NO_BYTES;
    TenantId of = webhook.tenant().orElse(null);
    ClaimKey.Source claims = Objects.equals(of, tenant) ? ownClaims : claimSource(of);
    if (isVouchedFor) {
      return claims.keyLedBy(value, BY_ID, value);
    }
    byte[] digest = webhook.fingerprint().toBytes();
    if (scheme.equalBodies() && webhook.matched().variant().ids().isEmpty()) {
      byte[] moment = moment(webhook.receivedAt());
      return claims.keyLedBy(moment, BY_MOMENT, digest, moment);
    }
    // The digest has one length, so nothing can move between it and the id.
    return claims.key(counts ? BY_CONTENT_AND_ID : BY_CONTENT, digest, value);
  }

  private ClaimKey.Source claimSource(@Nullable TenantId of) {
    return ClaimKey.Source.of(of == null ? "" : of.value(), source);
  }

  private static byte[] moment(Instant at) {
    return ByteBuffer.allocate(12).putLong(at.getEpochSecond()).putInt(at.getNano()).array();
  }

  /** A digest of everything that is signed except the time. */
  Fingerprint fingerprint(VerifiedWebhook webhook) {
    byte[] body = webhook.rawBody();
    // whichever way it was verified, and by whichever verifier: the claim's key is of the signed id
    boolean bodyTells = signsIdAndBody && body.length > 0 && body.length <= ContentHash.MAX_LENGTH;
    return bodyTells
        ? Fingerprint.ofBody(body, () -> digest(webhook))
        : Fingerprint.owning(digest(webhook));
  }

  private byte[] digest(VerifiedWebhook webhook) {
    boolean judged =
        scheme.retryBodiesDiffer() || scheme.attempt() != null || webhook.rawBody().length == 0;
    byte[] identity = judged ? null : webhook.match().identity();
    return identity == null ? digestOf(webhook) : identity;
  }

  private byte[] digestOf(VerifiedWebhook webhook) {
    MessageDigest digest = Fingerprint.sha256();
    Optional<Attested> id = webhook.deliveryId().filter(Attested::signed);
    if (scheme.retryBodiesDiffer() && id.isPresent()) {
      return digest.digest(id.get().value().getBytes(StandardCharsets.UTF_8));
    }
    byte[] body = lasting(webhook);
    MatchedSignature matched = webhook.matched();
    MessageVerdict.Accepted message = matched.message();
    if (message != null) {
      boolean bodySigned = message.coversBody();
      digest.update(lasting(message, id.orElse(null)).getBytes(StandardCharsets.US_ASCII));
      return bodySigned ? digest.digest(Fingerprint.sha256(body)) : digest.digest();
    }
    ContentTemplate template = matched.content().template();
    if (template == null) {
      // A token that covers the URL makes the same body at another URL another delivery.
      JwtRule.UrlHash hash = scheme.jwt() == null ? null : scheme.jwt().urlHash();
      if (hash != null) {
        String covered = TokenRules.covered(hash, webhook.method(), webhook.url(), params);
        digest.update(Fingerprint.sha256(covered.getBytes(StandardCharsets.UTF_8)));
      }
      return digest.digest(body);
    }
    byte[] identity = matched.parts().identity();
    if (identity != null) {
      digest.update(identity);
      addUnsigned(webhook, template, body, digest);
      return digest.digest();
    }
    // The parts are joined as they are signed, not framed: where a provider puts nothing between
    // them (HubSpot, Twilio), one signature fits the same bytes cut elsewhere, and a captured
    // delivery that moved the body's first bytes into the query would be a new one.
    if (body.length == 0 && template.signsTimeAndBodyOnly()) {
      // a GET of Zendesk's: without its time each would be the first one again
      template.feedAll(matched.parts(), matched.urlForm(), body, digest::update);
    } else {
      template.feedIdentity(matched.parts(), matched.urlForm(), body, digest::update);
    }
    addUnsigned(webhook, template, body, digest);
    return digest.digest();
  }

  private static String lasting(MessageVerdict.Accepted message, @Nullable Attested signedId) {
    if (signedId != null) {
      String nonce = message.input().text("nonce").orElse("");
      boolean isNonce = signedId.value().equals(nonce);
      return isNonce ? message.base().identity() : message.base().identityBesideId();
    }
    // A body that is not signed must not make a captured request a new one. Then one signature
    // counts once, the time of signing included, or different deliveries would be one.
    return message.coversBody() ? message.base().identity() : message.base().text();
  }

  // Where the signature leaves the body open, it has to tell one delivery from its forgeries; where
  // there is none, what the request says stands in its query.
  private static void addUnsigned(
      VerifiedWebhook webhook, ContentTemplate template, byte[] body, MessageDigest digest) {
    if (template.signsBody()) {
      return;
    }
    digest.update(Fingerprint.sha256(body));
    int query = webhook.url().indexOf('?');
    if (body.length == 0 && query >= 0 && !template.signsUrl()) {
      digest.update(webhook.url().substring(query).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The body without what each attempt writes anew. */
  private byte[] lasting(VerifiedWebhook webhook) {
    ValueSource attempt = scheme.attempt();
    if (attempt != null) {
      return JsonScalars.without(webhook.rawBody(), attempt.name());
    }
    return timeInBody ? BodyTime.leftOut(webhook) : webhook.rawBody();
  }
}
