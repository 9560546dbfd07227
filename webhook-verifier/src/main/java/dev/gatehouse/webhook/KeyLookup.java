package dev.gatehouse.webhook;

import dev.gatehouse.core.KeyRing;
import dev.gatehouse.webhook.keys.CertificateUrl;
import dev.gatehouse.webhook.keys.KeyReference;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.keys.PublishedKey;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.ValueSource;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the keys by which one request is judged, where they are not all configured: beside the
 * configured ones, those that a {@link KeySource} has for what the request names. Nobody publishes
 * what a MAC is made with, so under a MAC nothing is looked up.
 */
final class KeyLookup {
  private final Scheme scheme;
  private final @Nullable KeySource source;
  private final @Nullable CertificateUrl certificateUrl;

  KeyLookup(Scheme scheme, @Nullable KeySource source) {
    this.scheme = scheme;
    this.source = source;
    this.certificateUrl =
        scheme.keys() instanceof KeyLocation.Certificate at ? CertificateUrl.of(at) : null;
  }

  /** Whether a request of the scheme needs any of this. */
  static boolean isNeeded(Scheme scheme, @Nullable KeySource source) {
    return source != null || scheme.keys() instanceof KeyLocation.Certificate;
  }

  /** The keys; empty if the request names one that there cannot be. Fails if that is not known. */
  Future<List<KeyRing.Entry<VerifyingKey>>> find(
      RequestHead head, byte[] body, List<KeyRing.Entry<VerifyingKey>> configured) {
    Optional<KeyReference> reference = reference(head, body);
    if (reference.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    if (source == null || !head.asksForPublicKey()) {
      return Future.succeededFuture(configured);
    }
    return source.find(reference.get()).map(found -> join(configured, found));
  }

  /** The same of what is at hand: a key that would have to be fetched is not there. */
  List<KeyRing.Entry<VerifyingKey>> atHand(
      RequestHead head, byte[] body, List<KeyRing.Entry<VerifyingKey>> configured) {
    Optional<KeyReference> reference = reference(head, body);
    if (reference.isEmpty()) {
      return List.of();
    }
    if (source == null || !head.asksForPublicKey()) {
      return configured;
    }
    return join(configured, source.atHand(reference.get()).orElse(List.of()));
  }

  private Optional<KeyReference> reference(RequestHead head, byte[] body) {
    Token token = head.token();
    if (token != null) {
      String kid = token.kid();
      boolean needed = source != null && head.asksForPublicKey();
      if (kid == null) {
        return needed ? Optional.empty() : Optional.of(new KeyReference.Any());
      }
      return Optional.of(new KeyReference.ByKid(kid));
    }
    if (certificateUrl == null || !(scheme.keys() instanceof KeyLocation.Certificate at)) {
      return Optional.of(new KeyReference.Any());
    }
    String url = certificateUrl(at.in(), head, body);
    // Judged also where the certificate is configured: no honest sender names another place.
    return url == null || certificateUrl.accept(url).isEmpty()
        ? Optional.empty()
        : Optional.of(new KeyReference.ByUrl(url));
  }

  private static @Nullable String certificateUrl(ValueSource in, RequestHead head, byte[] body) {
    if (in.kind() == ValueSource.Kind.HEADER) {
      String url = head.headers().first(in.name());
      return url == null || head.headers().isAmbiguous(in.name()) ? null : url;
    }
    return JsonScalars.read(body, List.of(in.name()))
        .map((Map<String, String> found) -> found.get(in.name()))
        .orElse(null);
  }

  private List<KeyRing.Entry<VerifyingKey>> join(
      List<KeyRing.Entry<VerifyingKey>> configured, List<PublishedKey> found) {
    List<KeyRing.Entry<VerifyingKey>> all = new ArrayList<>(configured);
    for (PublishedKey key : found) {
      VerifyingKey usable = VerifyingKey.published(scheme, key);
      if (usable.isUsable()) {
        all.add(
            new KeyRing.Entry<>(
                all.size(),
                key.id().isEmpty() ? "published-" + all.size() : key.id(),
                usable,
                key.notBefore(),
                key.notAfter()));
      }
    }
    return all;
  }
}
