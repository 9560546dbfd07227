package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the body of a request has to say once a signature over it was found right: its time, that it
 * is no handshake and nobody else's, its tenant and its id.
 */
final class BodyRules {
  private final Scheme scheme;
  private final Map<String, String> params;
  private final Handshakes handshakes;
  private final AttestedValues values;
  private final @Nullable TenantId tenant;
  private final @Nullable String tenantPointer;
  private final Handshake.@Nullable Compare owner;
  private final List<String> pointers;
  private final boolean whole;
  private final boolean readsBody;
  private final boolean readsId;
  private final boolean timeInBody;

  /**
   * The rules of a source.
   *
   * @param params the scheme's constants
   * @param tenant the one tenant to which the source belongs, if there is one
   * @param tenantPointer where the body names its tenant, if it does
   */
  BodyRules(
      Scheme scheme,
      Map<String, String> params,
      Handshakes handshakes,
      AttestedValues values,
      @Nullable TenantId tenant,
      @Nullable String tenantPointer) {
    this.scheme = scheme;
    this.params = params;
    this.handshakes = handshakes;
    this.values = values;
    this.tenant = tenant;
    this.tenantPointer = tenantPointer;
    this.whole = scheme.needsWholeRequest();
    this.owner = comparedOwner();
    this.pointers = List.copyOf(pointers());
    this.readsBody = !pointers.isEmpty() || handshakes.areSigned();
    this.readsId =
        scheme.variants().stream()
            .flatMap(v -> v.ids().stream())
            .anyMatch(id -> id.kind() == ValueSource.Kind.JSON);
    this.timeInBody = scheme.hasTimeInBody();
  }

  // Without its constant nobody is anybody's owner.
  private Handshake.@Nullable Compare comparedOwner() {
    Handshake.Compare declared = scheme.owner();
    boolean configured = declared != null && !params.getOrDefault(declared.param(), "").isBlank();
    return configured ? declared : null;
  }

  // What has to be read from the body before a request can be accepted: the signed id, the tenant,
  // and what tells a handshake. The event's type is read when it is asked for.
  private Set<String> pointers() {
    Set<String> all = new LinkedHashSet<>(handshakes.pointers());
    for (Scheme.Variant variant : scheme.variants()) {
      for (ValueSource id : variant.ids()) {
        if (id.kind() == ValueSource.Kind.JSON && !whole) {
          all.add(id.name());
        }
      }
      TimeRule time = variant.time();
      if (time != null && time.in().isInBody()) {
        all.add(time.in().name());
      }
    }
    if (owner != null) {
      all.add(owner.in().name());
    }
    if (tenantPointer != null) {
      all.add(tenantPointer);
    }
    return all;
  }

  /** Whether a request is accepted only after something was read from its body. */
  boolean readAnything() {
    return readsBody;
  }

  /**
   * The last step: what the verified body says.
   *
   * @param verifier whose verdict it is
   * @param matched the signature that was found right
   * @param key the key that made it
   */
  Verification accept(
      WebhookVerifier verifier,
      WebhookRequest request,
      MatchedSignature matched,
      RequestHead head,
      KeyRing.Entry<VerifyingKey> key) {
    if (handshakes.mayHaveSigned(matched, request.bodyBytes())) {
      return Verification.rejected(RejectReason.MALFORMED_BODY);
    }
    Map<String, String> json = Map.of();
    MatchedSignature signed = matched;
    if (readsBody) {
      Optional<Map<String, String>> read = JsonScalars.read(request.bodyBytes(), pointers);
      if (read.isEmpty() && mustBeJson(request)) {
        return Verification.rejected(RejectReason.MALFORMED_BODY);
      }
      json = read.orElse(Map.of());
      if (timeInBody) {
        String time = BodyTime.text(head, json);
        RejectReason flaw = BodyTime.flaw(head, time);
        if (flaw != null) {
          return Verification.rejected(flaw);
        }
        signed = matched.at(time);
      }
      Verification handshake = handshakes.signed(head, json, key);
      if (handshake != null) {
        return handshake;
      }
      if (owner != null && !isOwned(owner, matched, json)) {
        return Verification.rejected(RejectReason.SIGNATURE_MISMATCH);
      }
    }
    TenantId of = tenant;
    if (tenantPointer != null) {
      String name = json.getOrDefault(tenantPointer, "");
      if (!TenantId.isValid(name)) {
        return Verification.rejected(RejectReason.MALFORMED_BODY);
      }
      of = TenantId.of(name);
    }
    Attested id = whole ? matched.id() : values.deliveryId(matched, head, request, json);
    return new Verification.Verified(
        new VerifiedWebhook(verifier, request, new Match.Judged(signed, id), head.nowMillis(), of));
  }

  // The provider's own signature, but over what is another customer's, or not over that at all.
  private boolean isOwned(
      Handshake.Compare by, MatchedSignature matched, Map<String, String> json) {
    return matched.covers(scheme, by.in())
        && by.allows(json.get(by.in().name()), params.getOrDefault(by.param(), ""));
  }

  private boolean mustBeJson(WebhookRequest request) {
    if (scheme.body() == Scheme.BodyKind.JSON
        || owner != null
        || tenantPointer != null
        || timeInBody) {
      return true;
    }
    String type = request.headers().first("content-type");
    return readsId && type != null && type.toLowerCase(Locale.ROOT).contains("json");
  }
}
