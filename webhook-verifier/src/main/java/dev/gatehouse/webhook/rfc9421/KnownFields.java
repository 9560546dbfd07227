package dev.gatehouse.webhook.rfc9421;

import dev.gatehouse.webhook.rfc9421.StructuredField.Kind;
import java.util.Map;

/** Fields that are structured by their own definition, and so may be covered with {@code sf}. */
final class KnownFields {
  static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("content-digest", Kind.DICTIONARY), // RFC 9530
          Map.entry("repr-digest", Kind.DICTIONARY),
          Map.entry("want-content-digest", Kind.DICTIONARY),
          Map.entry("want-repr-digest", Kind.DICTIONARY),
          Map.entry("signature", Kind.DICTIONARY), // RFC 9421
          Map.entry("signature-input", Kind.DICTIONARY),
          Map.entry("accept-signature", Kind.DICTIONARY),
          Map.entry("priority", Kind.DICTIONARY), // RFC 9218
          Map.entry("cdn-cache-control", Kind.DICTIONARY), // RFC 9213
          Map.entry("cache-status", Kind.LIST), // RFC 9211
          Map.entry("proxy-status", Kind.LIST), // RFC 9209
          Map.entry("client-cert", Kind.ITEM), // RFC 9440
          Map.entry("client-cert-chain", Kind.LIST));

  private KnownFields() {}
}
