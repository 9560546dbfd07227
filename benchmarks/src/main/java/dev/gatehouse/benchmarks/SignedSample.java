package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One delivery as three kinds of senders sign it, each in the shape that a contender wants it in.
 *
 * @param body the body, JSON
 * @param text the same as text
 * @param signed what a Standard Webhooks sender signs: id, time and body
 * @param standard the headers of Standard Webhooks, as a list
 * @param received the same, as Vert.x receives them
 * @param standardMap the same, as a map
 * @param svixMap the same under Svix's names
 * @param stripe the headers of Stripe
 * @param stripeSignature the value of Stripe's signature header
 * @param slack the headers of Slack
 * @param slackTime the value of Slack's time header
 * @param slackSignature the value of Slack's signature header
 */
record SignedSample(
    byte[] body,
    String text,
    byte[] signed,
    Headers standard,
    MultiMap received,
    Map<String, List<String>> standardMap,
    Map<String, List<String>> svixMap,
    Headers stripe,
    String stripeSignature,
    Headers slack,
    String slackTime,
    String slackSignature) {
  /** A secret of Standard Webhooks and Svix. */
  static final String SECRET = "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=";

  /** A secret whose text is the key, as at Stripe and Slack. */
  static final String TEXT_SECRET = "own-benchmark-secret-of-32-bytes";

  private static final List<Header> OF_ANY_SENDER =
      List.of(
          new Header("Host", "hooks.example.com"),
          new Header("User-Agent", "Webhooks/1.0"),
          new Header("Accept", "*/*"),
          new Header("Content-Type", "application/json"));

  /**
   * A delivery, signed.
   *
   * @param size the body's length in bytes
   * @param number tells it from others
   * @param time seconds since the epoch
   */
  static SignedSample of(int size, int number, long time) {
    String text = json(size, number);
    byte[] body = text.getBytes(US_ASCII);
    String id = "msg_2KWPBgLlAfxdpx2AI54pPJ8" + String.format(Locale.ROOT, "%05d", number);
    byte[] signed = joined(id + "." + time + ".", body);
    String signature = "v1," + Base64.getEncoder().encodeToString(standardMac().doFinal(signed));
    List<Header> standard = headers("webhook-", id, time, signature);
    String stripe = "t=" + time + ",v1=" + textMac(time + ".", body);
    String slack = "v0=" + textMac("v0:" + time + ":", body);
    return new SignedSample(
        body,
        text,
        signed,
        Headers.of(standard),
        multiMap(standard),
        map(standard),
        map(headers("svix-", id, time, signature)),
        Headers.of(and(new Header("Stripe-Signature", stripe))),
        stripe,
        Headers.of(
            and(
                new Header("X-Slack-Request-Timestamp", Long.toString(time)),
                new Header("X-Slack-Signature", slack))),
        Long.toString(time),
        slack);
  }

  /** The MAC of {@link #SECRET}. */
  static Mac standardMac() {
    return mac(Base64.getDecoder().decode(SECRET.substring("whsec_".length())));
  }

  /** The MAC of somebody who does not know the secret. */
  static Mac otherMac() {
    return mac("the secret of somebody else".getBytes(US_ASCII));
  }

  private static String textMac(String before, byte[] body) {
    byte[] mac = mac(TEXT_SECRET.getBytes(US_ASCII)).doFinal(joined(before, body));
    return HexFormat.of().formatHex(mac);
  }

  private static Mac mac(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  static String json(int size, int number) {
    StringBuilder json = new StringBuilder(size);
    json.append("{\"id\":\"evt_").append(number).append("\",\"type\":\"invoice.paid\",\"lines\":[");
    String line = "{\"sku\":\"A-1007\",\"quantity\":3,\"price\":1999,\"taxed\":true},";
    while (json.length() + line.length() + 16 < size) {
      json.append(line);
    }
    json.append("{}],\"pad\":\"");
    while (json.length() + 2 < size) {
      json.append('x');
    }
    return json.append("\"}").toString();
  }

  static byte[] joined(String before, byte[] body) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    joined.writeBytes(before.getBytes(US_ASCII));
    joined.writeBytes(body);
    return joined.toByteArray();
  }

  private static List<Header> headers(String prefix, String id, long time, String signature) {
    return and(
        new Header(prefix + "id", id),
        new Header(prefix + "timestamp", Long.toString(time)),
        new Header(prefix + "signature", signature));
  }

  private static List<Header> and(Header... more) {
    List<Header> headers = new ArrayList<>(OF_ANY_SENDER);
    headers.addAll(List.of(more));
    return headers;
  }

  private static MultiMap multiMap(List<Header> headers) {
    MultiMap map = HttpHeaders.headers();
    headers.forEach(h -> map.add(h.name(), h.value()));
    return map;
  }

  private static Map<String, List<String>> map(List<Header> headers) {
    Map<String, List<String>> map = new HashMap<>();
    headers.forEach(h -> map.put(h.name(), List.of(h.value())));
    return map;
  }
}
