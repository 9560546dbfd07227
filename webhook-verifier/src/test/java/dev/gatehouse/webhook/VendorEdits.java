package dev.gatehouse.webhook;

import dev.gatehouse.webhook.VendorSdks.SentRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Ways in which a request may be unusual, and who lets it in then. */
final class VendorEdits {
  /**
   * One way.
   *
   * @param name its name, as the page has it
   * @param side who lets the request in
   * @param make makes a random request that is so
   */
  record Edit(String name, String side, Function<VendorRequests, SentRequest> make) {}

  private final VendorSdks vendor;
  private final List<Edit> edits = new ArrayList<>();

  private VendorEdits(VendorSdks vendor) {
    this.vendor = vendor;
  }

  static List<Edit> of(VendorSdks vendor) {
    VendorEdits edits = new VendorEdits(vendor);
    edits.add("as sent", "BOTH", UnaryOperator.identity());
    switch (vendor) {
      case STRIPE -> edits.stripe();
      case SLACK -> edits.slack();
      case STANDARD_WEBHOOKS -> edits.standard("webhook-");
      case SVIX -> edits.standard("svix-");
      case TWILIO -> edits.twilio();
      case SQUARE -> edits.bare("x-square-hmacsha256-signature", "NEITHER");
      case LINE -> edits.bare("x-line-signature", "LIBRARY");
      case PLIVO -> edits.plivo();
      case BRAINTREE -> edits.braintree();
      case ADYEN -> edits.adyen();
      case VONAGE -> edits.vonage();
    }
    return edits.edits;
  }

  private void add(String name, String side, UnaryOperator<SentRequest> change) {
    edits.add(new Edit(name, side, requests -> change.apply(requests.of(vendor))));
  }

  private void make(String name, String side, Function<VendorRequests, SentRequest> make) {
    edits.add(new Edit(name, side, make));
  }

  private void header(String name, String side, String header, UnaryOperator<String> change) {
    add(name, side, r -> r.withHeader(header, change.apply(r.header(header))));
  }

  // --- what the schemes with a raw body share

  private void times(String ahead) {
    make("signed 240 s ago", "BOTH", r -> r.signed(vendor, body(r), seconds(r) - 240));
    make("signed 360 s ago", "NEITHER", r -> r.signed(vendor, body(r), seconds(r) - 360));
    make("signed 240 s ahead", "BOTH", r -> r.signed(vendor, body(r), seconds(r) + 240));
    make("signed 360 s ahead", ahead, r -> r.signed(vendor, body(r), seconds(r) + 360));
  }

  private void written(String name, String side, UnaryOperator<String> time) {
    make(
        name,
        side,
        r ->
            r.signed(
                vendor,
                secret(r),
                body(r),
                time.apply(Long.toString(seconds(r))),
                "msg_" + r.text(8)));
  }

  private void bodies(boolean json, String raw, String repaired) {
    make("body that is not UTF-8", raw, r -> r.signed(vendor, latin(r), seconds(r)));
    make(
        "body whose broken bytes were others",
        repaired,
        r -> {
          byte[] one = latin(r);
          String text = new String(one, StandardCharsets.UTF_8);
          return r.signed(vendor, text.getBytes(StandardCharsets.UTF_8), seconds(r)).withBody(one);
        });
    make("empty body", json ? "LIBRARY" : "BOTH", r -> r.signed(vendor, new byte[0], seconds(r)));
    make(
        "body with a byte order mark",
        json ? "LIBRARY" : "BOTH",
        r ->
            r.signed(
                vendor,
                ("\ufeff{\"n\":\"" + r.text(5) + "\"}").getBytes(StandardCharsets.UTF_8),
                seconds(r)));
    add(
        "one more line feed",
        "NEITHER",
        r -> r.withBody((r.text() + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] latin(VendorRequests r) {
    return ("{\"name\":\"" + r.text(6) + "é\"}").getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] body(VendorRequests r) {
    return ("{\"n\":\"" + r.text(12) + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  private String secret(VendorRequests r) {
    return r.of(vendor).secret();
  }

  private static long seconds(VendorRequests r) {
    return r.now().getEpochSecond();
  }

  // --- base64

  private static String unpadded(String base64) {
    return base64.replace("=", "");
  }

  // The last digit of a group that is cut short has bits to spare, and "=" for a digit after it.
  private static String otherSpareBits(String base64) {
    int last = base64.indexOf('=') - 1;
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char next = digits.charAt(digits.indexOf(base64.charAt(last)) + 1);
    return base64.substring(0, last) + next + base64.substring(last + 1);
  }

  private void base64(String header, String unpadded, String spare) {
    header("signature without its padding", unpadded, header, VendorEdits::unpadded);
    header("signature with other spare bits", spare, header, VendorEdits::otherSpareBits);
    header("space before the signature", "NEITHER", header, s -> " " + s);
    header("space after the signature", "NEITHER", header, s -> s + " ");
    header("empty signature", "NEITHER", header, s -> "");
    header("signature cut short", "NEITHER", header, s -> s.substring(0, s.length() - 4));
    header("signature longer by a group", "NEITHER", header, s -> unpadded(s) + "AAAA");
    header("signature in other case", "NEITHER", header, VendorEdits::otherCase);
    add(
        "two signature headers that differ",
        "LIBRARY",
        r -> r.withOneMoreHeader(header, "x" + r.header(header)));
  }

  private static String otherCase(String text) {
    StringBuilder other = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      other.append(Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c));
    }
    return other.toString();
  }

  private void bare(String header, String lenient) {
    base64(header, lenient, lenient);
    if (vendor == VendorSdks.LINE) {
      bodies(false, "BOTH", "NEITHER");
    } else {
      bodies(true, "NEITHER", "LIBRARY");
    }
  }

  // --- one by one

  private void stripe() {
    String h = "Stripe-Signature";
    times("LIBRARY");
    bodies(true, "NEITHER", "LIBRARY");
    written("time with a leading zero", "NEITHER", t -> "0" + t);
    written("time with a plus sign", "NEITHER", t -> "+" + t);
    written("time in Arabic-Indic digits", "NEITHER", VendorEdits::arabic);
    written("time that is no number", "NEITHER", t -> "soon");
    written("time in milliseconds", "LIBRARY", t -> t + "000");
    header("space after the comma", "NEITHER", h, s -> s.replace(",", ", "));
    header("signature in upper-case hex", "NEITHER", h, s -> upper(s, "v1="));
    header("time twice, the second another", "LIBRARY", h, s -> s + ",t=1");
    header(
        "another signature before the right one",
        "BOTH",
        h,
        s -> s.replace(",v1", ",v1=" + "0".repeat(64) + ",v1"));
    header(
        "signature of an unknown version beside it", "BOTH", h, s -> s + ",v0=" + "0".repeat(64));
    header("signature under an unknown version alone", "NEITHER", h, s -> s.replace("v1=", "v9="));
    header("entry without an equals sign", "LIBRARY", h, s -> s + ",x");
    header("equals sign at the end of the signature", "NEITHER", h, s -> s + "=");
    header(
        "thirty signatures, the last one right",
        "LIBRARY",
        h,
        s -> s.replace(",v1", (",v1=" + "0".repeat(64)).repeat(29) + ",v1"));
    header("no time", "NEITHER", h, s -> s.substring(s.indexOf(',') + 1));
    header("no signature", "NEITHER", h, s -> s.substring(0, s.indexOf(',')));
    header("empty signature", "NEITHER", h, s -> s.substring(0, s.indexOf("v1=") + 3));
    add(
        "two signature headers that differ",
        "LIBRARY",
        r -> r.withOneMoreHeader(h, "t=1,v1=" + "0".repeat(64)));
  }

  private static String upper(String text, String after) {
    int at = text.indexOf(after) + after.length();
    return text.substring(0, at) + text.substring(at).toUpperCase(Locale.ROOT);
  }

  private static String arabic(String digits) {
    StringBuilder other = new StringBuilder();
    digits.chars().forEach(c -> other.append((char) (c - '0' + '٠')));
    return other.toString();
  }

  private void slack() {
    String h = "X-Slack-Signature";
    times("LIBRARY");
    bodies(false, "GATEHOUSE", "LIBRARY");
    written("time with a leading zero", "LIBRARY", t -> "0" + t);
    written("time with a plus sign", "LIBRARY", t -> "+" + t);
    written("time that is no number", "NEITHER", t -> "soon");
    header("signature in upper-case hex", "NEITHER", h, s -> upper(s, "v0="));
    header("space before the signature", "NEITHER", h, s -> " " + s);
    header("no prefix", "NEITHER", h, s -> s.substring(3));
    header("empty signature", "NEITHER", h, s -> "v0=");
    add(
        "two signature headers that differ",
        "LIBRARY",
        r -> r.withOneMoreHeader(h, "v0=" + "0".repeat(64)));
    add(
        "two times that differ",
        "LIBRARY",
        r -> r.withOneMoreHeader("X-Slack-Request-Timestamp", "1"));
  }

  private void standard(String set) {
    String h = set + "signature";
    times("NEITHER");
    bodies(false, "GATEHOUSE", "LIBRARY");
    written("time with a leading zero", "NEITHER", t -> "0" + t);
    written("time with a plus sign", "NEITHER", t -> "+" + t);
    written("time that is no number", "NEITHER", t -> "soon");
    header("signature without its padding", "NEITHER", h, VendorEdits::unpadded);
    header("signature with other spare bits", "NEITHER", h, VendorEdits::otherSpareBits);
    header("signature in other case", "NEITHER", h, s -> "v1," + otherCase(s.substring(3)));
    header(
        "another signature before the right one",
        "BOTH",
        h,
        s -> "v1," + "A".repeat(43) + "= " + s);
    header("signature of an unknown version beside it", "BOTH", h, s -> "v2,AAAA " + s);
    header("signature under an unknown version alone", "NEITHER", h, s -> s.replace("v1,", "v9,"));
    header("two spaces between signatures", "BOTH", h, s -> "v1,AAAA  " + s);
    header("entry without a comma", "BOTH", h, s -> "x " + s);
    header(
        "thirty signatures, the last one right",
        "LIBRARY",
        h,
        s -> ("v1," + "A".repeat(43) + "= ").repeat(29) + s);
    header("empty signature", "NEITHER", h, s -> "v1,");
    header("signatures parted by a comma", "LIBRARY", h, s -> s + ",v1,AAAA");
    header("empty id", "NEITHER", set + "id", s -> "");
    make(
        "id that ends in a full stop and digits",
        "LIBRARY",
        r ->
            r.signed(
                vendor,
                secret(r),
                body(r),
                Long.toString(seconds(r)),
                "msg_" + r.text(4) + ".1614265330"));
    add("two signature headers that differ", "LIBRARY", r -> r.withOneMoreHeader(h, "v1,AAAA"));
    add("two ids that differ", "LIBRARY", r -> r.withOneMoreHeader(set + "id", "msg_other"));
    if (vendor == VendorSdks.SVIX) {
      add("header names of the other set", "BOTH", VendorEdits::renamed);
    }
  }

  private static SentRequest renamed(SentRequest r) {
    List<String> headers = r.headers().stream().map(s -> s.replace("svix-", "webhook-")).toList();
    return new SentRequest(
        r.scheme(), r.secret(), r.params(), r.method(), r.url(), headers, r.body());
  }

  private void twilio() {
    String h = "X-Twilio-Signature";
    base64(h, "NEITHER", "NEITHER");
    forms("BOTH");
    add("port added to the URL", "BOTH", r -> r.withUrl(r.url().replace(".com/", ".com:443/")));
    add("another port in the URL", "BOTH", r -> r.withUrl(r.url().replace(".com/", ".com:8443/")));
    add("another host in the URL", "NEITHER", r -> r.withUrl(r.url().replace("hooks.", "x.")));
    add("another parameter in the query", "NEITHER", r -> r.withUrl(r.url() + "&x=1"));
    add("another order of the form", "BOTH", VendorEdits::turned);
    add(
        "a field twice, the same value",
        "BOTH",
        r ->
            r.withBody((r.text() + "&" + r.text().split("&")[0]).getBytes(StandardCharsets.UTF_8)));
    add(
        "a field twice, another value second",
        "LIBRARY",
        r -> r.withBody((r.text() + "&To=x").getBytes(StandardCharsets.UTF_8)));
    make("a name and a value cut elsewhere", "BOTH", r -> cut(r));
    add(
        "JSON in place of the form",
        "NEITHER",
        r -> r.withHeader("Content-Type", "application/json").withBody(new byte[] {'{', '}'}));
  }

  private void forms(String empty) {
    make(
        "a field with an empty value",
        empty,
        r -> r.form(vendor, Map.of("A", r.text(3), "Empty", "")));
    make(
        "no field", vendor == VendorSdks.PLIVO ? "LIBRARY" : "BOTH", r -> r.form(vendor, Map.of()));
    make(
        "a field beyond the first plane",
        "BOTH",
        r -> r.form(vendor, Map.of("A", "😀", "\uff5e", r.text(2))));
    make(
        "a name beyond the first plane among others",
        "BOTH",
        r -> r.form(vendor, Map.of("\ud83d\ude00", "a", "\uff5e", r.text(2))));
    add(
        "a field less",
        "NEITHER",
        r ->
            r.withBody(
                r.text().substring(r.text().indexOf('&') + 1).getBytes(StandardCharsets.UTF_8)));
  }

  private static SentRequest turned(SentRequest r) {
    List<String> pairs = new ArrayList<>(List.of(r.text().split("&")));
    java.util.Collections.reverse(pairs);
    return r.withBody(String.join("&", pairs).getBytes(StandardCharsets.UTF_8));
  }

  private SentRequest cut(VendorRequests r) {
    String value = r.text(4);
    SentRequest sent = r.form(vendor, Map.of("Ab", value));
    return sent.withBody(("A=b" + value).getBytes(StandardCharsets.UTF_8));
  }

  private void plivo() {
    String h = "X-Plivo-Signature-V3";
    base64(h, "NEITHER", "NEITHER");
    forms("BOTH");
    header("another signature before the right one", "BOTH", h, s -> "A".repeat(43) + "=," + s);
    header("space after the comma", "NEITHER", h, s -> "A".repeat(43) + "=, " + s);
    header("another nonce", "NEITHER", "X-Plivo-Signature-V3-Nonce", s -> s + "1");
    make("no field, signed without a stop for it", "GATEHOUSE", VendorRequests::plivoWithoutFields);
    add("another host in the URL", "NEITHER", r -> r.withUrl(r.url().replace("hooks.", "x.")));
    add("another parameter in the query", "NEITHER", r -> r.withUrl(r.url() + "&x=1"));
    add(
        "a field twice, another value second",
        "LIBRARY",
        r -> r.withBody((r.text() + "&To=x").getBytes(StandardCharsets.UTF_8)));
    make("a name and a value cut elsewhere", "BOTH", r -> cut(r));
    add(
        "JSON in place of the form",
        "NEITHER",
        r -> r.withHeader("Content-Type", "application/json").withBody(new byte[] {'{', '}'}));
  }

  private void braintree() {
    field("bt_signature", "signature in upper-case hex", "NEITHER", s -> upper(s, "|"));
    field(
        "bt_signature",
        "another pair's entry before",
        "BOTH",
        s -> "other_key|" + "0".repeat(40) + "&" + s);
    field(
        "bt_signature", "another pair's entry alone", "NEITHER", s -> s.replace("own_", "other_"));
    field("bt_signature", "entry without a bar before", "BOTH", s -> "x&" + s);
    field(
        "bt_signature",
        "a wrong entry of our pair before the right one",
        "GATEHOUSE",
        s -> "own_public_key|" + "0".repeat(40) + "&" + s);
    field("bt_signature", "empty signature", "NEITHER", s -> "own_public_key|");
    field("bt_signature", "space before the signature", "NEITHER", s -> " " + s);
    field("bt_payload", "payload without its line feed", "LIBRARY", String::strip);
    field("bt_payload", "payload with one line feed more", "NEITHER", s -> s + "\n");
    field("bt_payload", "another payload", "NEITHER", s -> "x" + s);
    add(
        "one more field",
        "BOTH",
        r -> r.withBody((r.text() + "&x=1").getBytes(StandardCharsets.UTF_8)));
    add(
        "the payload twice, another one second",
        "LIBRARY",
        r -> r.withBody((r.text() + "&bt_payload=x").getBytes(StandardCharsets.UTF_8)));
    add("another content type", "LIBRARY", r -> r.withHeader("Content-Type", "text/plain"));
  }

  private void field(String field, String name, String side, UnaryOperator<String> change) {
    add(
        name,
        side,
        r -> {
          Map<String, String> form = new java.util.TreeMap<>();
          FormPairs.read(r.body()).orElseThrow().all().forEach(p -> form.put(p.name(), p.value()));
          form.compute(field, (key, value) -> change.apply(value));
          return r.withBody(VendorRequests.encoded(form).getBytes(StandardCharsets.UTF_8));
        });
  }

  private void adyen() {
    make(
        "a colon in the merchant's reference",
        "BOTH",
        r -> r.adyen(r.text(6), r.text(4), r.text(3) + ":" + r.text(2)));
    make(
        "a colon in another field",
        "LIBRARY",
        r -> r.adyen(r.text(3) + ":" + r.text(2), r.text(4), r.text(6)));
    json("another amount", "NEITHER", "1130", "1131");
    json("amount as text", "BOTH", ":1130", ":\"1130\"");
    json("amount with a fraction of zero", "LIBRARY", ":1130", ":1130.0");
    json("success as a boolean", "BOTH", "\"true\"", "true");
    json(
        "another field, which is not signed",
        "BOTH",
        "{\"notificationItems",
        "{\"live\":\"x\",\"notificationItems");
    json(
        "a null for the original reference",
        "BOTH",
        "\"pspReference",
        "\"originalReference\":null,\"pspReference");
    json(
        "an object for the original reference",
        "LIBRARY",
        "\"pspReference",
        "\"originalReference\":{},\"pspReference");
    json(
        "the reference twice, the right one last",
        "LIBRARY",
        "\"pspReference",
        "\"pspReference\":\"x\",\"pspReference");
    add(
        "no item",
        "LIBRARY",
        r -> r.withBody("{\"notificationItems\":[]}".getBytes(StandardCharsets.UTF_8)));
    add("the item twice", "LIBRARY", VendorEdits::doubled);
    add(
        "key in upper-case hex",
        "BOTH",
        r ->
            new SentRequest(
                r.scheme(),
                r.secret().toUpperCase(Locale.ROOT),
                r.params(),
                r.method(),
                r.url(),
                r.headers(),
                r.body()));
    add(
        "signature without its padding",
        "NEITHER",
        r -> r.withBody(r.text().replace("=\"", "\"").getBytes(StandardCharsets.UTF_8)));
    add(
        "space after the signature",
        "NEITHER",
        r -> r.withBody(r.text().replace("=\"", "= \"").getBytes(StandardCharsets.UTF_8)));
  }

  private static SentRequest doubled(SentRequest r) {
    String text = r.text();
    String item = text.substring(text.indexOf('[') + 1, text.lastIndexOf(']'));
    return r.withBody(
        text.replace("[" + item, "[" + item + "," + item).getBytes(StandardCharsets.UTF_8));
  }

  private void json(String name, String side, String from, String to) {
    add(name, side, r -> r.withBody(r.text().replace(from, to).getBytes(StandardCharsets.UTF_8)));
  }

  private void vonage() {
    forms("GATEHOUSE");
    field("sig", "signature in upper-case hex", "BOTH", s -> s.toUpperCase(Locale.ROOT));
    field("sig", "signature cut short", "NEITHER", s -> s.substring(2));
    field("sig", "space before the signature", "NEITHER", s -> " " + s);
    field("sig", "empty signature", "NEITHER", s -> "");
    add(
        "one more field, blank",
        "LIBRARY",
        r -> r.withBody((r.text() + "&x=").getBytes(StandardCharsets.UTF_8)));
    add(
        "one more field",
        "NEITHER",
        r -> r.withBody((r.text() + "&x=1").getBytes(StandardCharsets.UTF_8)));
    add(
        "a field twice, another value second",
        "LIBRARY",
        r -> r.withBody((r.text() + "&To=x").getBytes(StandardCharsets.UTF_8)));
    add("another order of the form", "BOTH", VendorEdits::turned);
    make("an ampersand that was an underscore", "BOTH", r -> swapped(r, "A", "a_b", "A", "a%26b"));
    make(
        "a name whose underscore was an equals sign",
        "LIBRARY",
        r -> swapped(r, "a_b", "x", "a%3Db", "x"));
  }

  private SentRequest swapped(
      VendorRequests r, String name, String value, String otherName, String otherValue) {
    SentRequest sent = r.form(vendor, Map.of(name, value));
    return sent.withBody(
        sent.text()
            .replace(name + "=" + value, otherName + "=" + otherValue)
            .getBytes(StandardCharsets.UTF_8));
  }
}
