package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.VendorSdks.SentRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Schemes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Random requests, signed as the vendors sign them, whatever their bodies hold. */
final class VendorRequests {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String URL = "https://hooks.example.com/in";

  private final Random random;
  private Instant now = Instant.EPOCH;

  VendorRequests(long seed) {
    this.random = new Random(seed);
  }

  /** Says when the next requests are sent. */
  void now(Instant value) {
    now = value;
  }

  Instant now() {
    return now;
  }

  /** A request with a random secret and body. */
  SentRequest of(VendorSdks vendor) {
    return switch (vendor) {
      case PLIVO, TWILIO, BRAINTREE, VONAGE -> form(vendor, fields());
      case ADYEN -> adyen(text(8), text(6), text(10));
      default -> signed(vendor, bytes(json()), now.getEpochSecond());
    };
  }

  /** The same over this body and time, which must be of a vendor that signs a raw body. */
  SentRequest signed(VendorSdks vendor, byte[] body, long time) {
    String secret =
        switch (vendor) {
          case STANDARD_WEBHOOKS, SVIX -> "whsec_" + base64(random(32));
          default -> text(32);
        };
    return signed(vendor, secret, body, Long.toString(time), "msg_" + text(12));
  }

  SentRequest signed(VendorSdks vendor, String secret, byte[] body, String time, String id) {
    return switch (vendor) {
      case STRIPE -> {
        String mac = hex(mac("HmacSHA256", bytes(secret), bytes(time + "."), body));
        yield raw(vendor, secret, body, List.of("Stripe-Signature", "t=" + time + ",v1=" + mac));
      }
      case SLACK -> {
        String mac = hex(mac("HmacSHA256", bytes(secret), bytes("v0:" + time + ":"), body));
        yield raw(
            vendor,
            secret,
            body,
            List.of("X-Slack-Request-Timestamp", time, "X-Slack-Signature", "v0=" + mac));
      }
      case STANDARD_WEBHOOKS, SVIX -> {
        byte[] key = Base64.getDecoder().decode(secret.substring(6));
        String mac = base64(mac("HmacSHA256", key, bytes(id + "." + time + "."), body));
        String set = vendor == VendorSdks.SVIX ? "svix-" : "webhook-";
        List<String> headers =
            List.of(set + "id", id, set + "timestamp", time, set + "signature", "v1," + mac);
        yield raw(vendor, secret, body, headers);
      }
      case SQUARE -> {
        String mac = base64(mac("HmacSHA256", bytes(secret), bytes(URL), body));
        yield raw(vendor, secret, body, List.of("x-square-hmacsha256-signature", mac));
      }
      case LINE -> {
        String mac = base64(mac("HmacSHA256", bytes(secret), body));
        yield raw(vendor, secret, body, List.of("x-line-signature", mac));
      }
      default -> throw new IllegalArgumentException(vendor + " signs no raw body");
    };
  }

  private static SentRequest raw(
      VendorSdks vendor, String secret, byte[] body, List<String> headers) {
    Map<String, String> params =
        vendor == VendorSdks.SQUARE ? Map.of("notification_url", URL) : Map.of();
    return new SentRequest(vendor.scheme(), secret, params, "POST", URL, headers, body);
  }

  /** A form of these fields. */
  SentRequest form(VendorSdks vendor, Map<String, String> fields) {
    String secret = text(32);
    String url = URL + "?n=" + random.nextInt(1_000);
    Map<String, String> sent = new TreeMap<>(fields);
    List<String> headers = new ArrayList<>(List.of("Content-Type", FORM));
    Map<String, String> params = Map.of();
    switch (vendor) {
      case TWILIO -> {
        String mac = base64(mac("HmacSHA1", bytes(secret), bytes(url + joined(sent, "", ""))));
        headers.addAll(List.of("X-Twilio-Signature", mac));
      }
      case PLIVO -> {
        String nonce = Integer.toString(random.nextInt(1_000_000));
        String content = url + "." + joined(sent, "", "") + "." + nonce;
        headers.addAll(List.of("X-Plivo-Signature-V3-Nonce", nonce));
        headers.addAll(
            List.of(
                "X-Plivo-Signature-V3", base64(mac("HmacSHA256", bytes(secret), bytes(content)))));
      }
      case BRAINTREE -> {
        params = Map.of("public_key", "own_public_key");
        sent = new TreeMap<>(Map.of("bt_payload", base64(bytes(json())) + "\n"));
        byte[] key = sha1(bytes(secret));
        String mac = hex(mac("HmacSHA1", key, bytes(sent.get("bt_payload"))));
        sent.put("bt_signature", "own_public_key|" + mac);
      }
      case VONAGE -> {
        params = Map.of("minimum_algorithm", "md5-with-secret");
        sent.put("timestamp", Long.toString(now.getEpochSecond()));
        StringBuilder content = new StringBuilder();
        sent.forEach((name, value) -> content.append('&').append(name).append('=').append(value));
        sent.put("sig", hex(md5(bytes(content + secret))));
      }
      default -> throw new IllegalArgumentException(vendor + " sends no form");
    }
    return new SentRequest(
        vendor.scheme(), secret, params, "POST", url, headers, bytes(encoded(sent)));
  }

  /** A form without a field, signed as Plivo's libraries for other languages do it. */
  SentRequest plivoWithoutFields() {
    SentRequest sent = form(VendorSdks.PLIVO, Map.of());
    String nonce = sent.header("X-Plivo-Signature-V3-Nonce");
    byte[] content = bytes(sent.url() + "." + nonce);
    return sent.withHeader(
        "X-Plivo-Signature-V3", base64(mac("HmacSHA256", bytes(sent.secret()), content)));
  }

  /** One item of Adyen's. */
  SentRequest adyen(String reference, String account, String order) {
    String secret = hex(random(32));
    String content = reference + "::" + account + ":" + order + ":1130:EUR:AUTHORISATION:true";
    String mac = base64(mac("HmacSHA256", HexFormat.of().parseHex(secret), bytes(content)));
    String body =
        "{\"notificationItems\":[{\"NotificationRequestItem\":{\"additionalData\":"
            + "{\"hmacSignature\":\"%s\"},\"amount\":{\"currency\":\"EUR\",\"value\":1130},"
            + "\"eventCode\":\"AUTHORISATION\",\"merchantAccountCode\":\"%s\","
            + "\"merchantReference\":\"%s\",\"pspReference\":\"%s\",\"success\":\"true\"}}]}";
    return new SentRequest(
        "adyen-standard",
        secret,
        Map.of(),
        "POST",
        URL,
        List.of(),
        bytes(body.formatted(mac, account, order, reference)));
  }

  /** The request that our own signer makes for the same body; for schemes that it can sign. */
  SentRequest byOurSigner(SentRequest request) {
    List<String> headers = new ArrayList<>();
    Headers sent = Headers.of(request.headers().toArray(String[]::new));
    List<Secret> secrets = List.of(Secret.of("own", request.secret()));
    for (Header header :
        WebhookSigner.create(Schemes.named(request.scheme()), secrets, request.params())
            .sign(
                new Outgoing(
                    request.method(), request.url(), sent, request.body(), "msg_own", now))) {
      headers.add(header.name());
      headers.add(header.value());
    }
    if (!request.header("Content-Type").isEmpty()) {
      headers.addAll(List.of("Content-Type", request.header("Content-Type")));
    }
    return new SentRequest(
        request.scheme(),
        request.secret(),
        request.params(),
        request.method(),
        request.url(),
        headers,
        request.body());
  }

  Map<String, String> fields() {
    Map<String, String> fields = new TreeMap<>();
    fields.put("Body", text(5) + " é+% " + text(3));
    fields.put("From", "+1415" + random.nextInt(10_000_000));
    fields.put("To", text(7));
    return fields;
  }

  String text(int length) {
    return random
        .ints('a', 'z' + 1)
        .limit(length)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  Random random() {
    return random;
  }

  private String json() {
    return "{\"id\":\"evt_" + text(8) + "\",\"type\":\"t\",\"text\":\"" + text(40) + "ü€😀\"}";
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static String joined(Map<String, String> sorted, String assign, String between) {
    return sorted.entrySet().stream()
        .map(e -> e.getKey() + assign + e.getValue())
        .collect(Collectors.joining(between));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  // With the JDK alone: these requests judge our code, and share none with it.
  private static byte[] mac(String algorithm, byte[] key, byte[]... content) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      for (byte[] part : content) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sha1(byte[] content) {
    return digest("SHA-1", content);
  }

  private static byte[] md5(byte[] content) {
    return digest("MD5", content);
  }

  private static byte[] digest(String algorithm, byte[] content) {
    try {
      return MessageDigest.getInstance(algorithm).digest(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
