package dev.gatehouse.testkit;

import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED;
import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED_OR_NO_METHOD;
import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED_OR_UNSUPPORTED;

import dev.gatehouse.testkit.HostileRequest.Answers;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;

/** What is done to that which is signed: body, time, id and URL. */
final class ContentAttacks {
  private static final int BOMB = 16 * 1024 * 1024;

  private final List<HostileRequest> attacks = new ArrayList<>();
  private final SignedRequests requests;
  private final String url;
  private final Scheme scheme;
  private final Scheme.Variant variant;

  private ContentAttacks(SignedRequests requests, String url) {
    this.requests = requests;
    this.url = url;
    this.scheme = requests.scheme();
    this.variant = scheme.variants().get(0);
  }

  static List<HostileRequest> on(SignedRequests requests, String url) {
    ContentAttacks made = new ContentAttacks(requests, url);
    if (made.scheme.protectsIntegrity()) {
      made.body();
      made.url();
      made.encoding();
      made.shift();
    }
    TimeRule time = made.variant.time();
    if (time != null) {
      made.moments(time);
      made.spellings(time);
    }
    made.method();
    return made.attacks;
  }

  private void body() {
    SignedRequest good = good();
    byte[] body = good.body();
    byte[] flipped = body.clone();
    flipped[body.length / 2] ^= 1;
    Map<String, byte[]> others = new LinkedHashMap<>();
    others.put("body-changed", flipped);
    others.put("body-empty", new byte[0]);
    others.put("body-cut", Arrays.copyOf(body, body.length - 1));
    others.put("body-newline-appended", Wire.join(body, HostileRequest.bytes("\r\n")));
    others.put("body-byte-order-mark", Wire.join(HostileRequest.bytes("\uFEFF"), body));
    others.put("body-not-utf8", Wire.join(body, new byte[] {(byte) 0xFF}));
    others.put("body-half-a-character", Wire.join(body, new byte[] {(byte) 0xE2, (byte) 0x82}));
    others.put("body-deeply-nested", HostileRequest.bytes("[".repeat(100_000)));
    others.put("body-huge-number", HostileRequest.bytes("{\"id\":1" + "0".repeat(100_000) + "}"));
    others.forEach(
        (attack, other) -> add(attack, "what is signed is not what is read", good.withBody(other)));
  }

  private void url() {
    if (scheme.contents().stream().noneMatch(ContentAttacks::signsUrl)) {
      return;
    }
    SignedRequest good = good();
    char join = good.url().contains("?") ? '&' : '?';
    add("url-query-added", "unsigned parameters", good.withUrl(good.url() + join + "admin=1"));
    URI own = URI.create(url);
    String foreign = "other.example.com";
    SignedRequest elsewhere =
        requests.genuine(url.replace("//" + own.getRawAuthority(), "//" + foreign));
    String why = "a request for another receiver under the same key passes here";
    String length = "Content-Length: " + elsewhere.body().length;
    byte[] byHost = Wire.framedFor(elsewhere, foreign, length, elsewhere.body());
    attacks.add(new HostileRequest("url-host-spoofed", why, byHost, REFUSED));
    for (String header : List.of("X-Forwarded-Host", "Forwarded")) {
      String value = header.equals("Forwarded") ? "host=" + foreign : foreign;
      SignedRequest spoofed = elsewhere.andHeader(header, value);
      byte[] bytes = Wire.framedFor(spoofed, own.getRawAuthority(), length, spoofed.body());
      String name = "url-" + header.toLowerCase(java.util.Locale.ROOT) + "-spoofed";
      attacks.add(new HostileRequest(name, why, bytes, REFUSED));
    }
  }

  private static boolean signsUrl(Scheme.Content content) {
    ContentTemplate template = content.template();
    return template != null && template.signsUrl();
  }

  private void encoding() {
    SignedRequest good = good();
    String why = "nobody knows which bytes are signed";
    SignedRequest zipped = good.withBody(gzip(good.body())).andHeader("Content-Encoding", "gzip");
    add("body-gzip", why, zipped, REFUSED_OR_UNSUPPORTED);
    SignedRequest bomb = good.withBody(gzip(new byte[BOMB])).andHeader("Content-Encoding", "gzip");
    add("body-gzip-bomb", "unpacked before it is verified", bomb, REFUSED_OR_UNSUPPORTED);
  }

  // id.time.body has no frame: ("a", t, "t.x") and ("a.t", t, "x") are the same bytes.
  private void shift() {
    boolean dotted =
        scheme.contents().stream()
            .map(Scheme.Content::template)
            .filter(Objects::nonNull)
            .map(ContentTemplate::toString)
            .anyMatch("{id}.{time}.{body}"::equals);
    TimeRule time = variant.time();
    boolean inHeaders =
        time != null
            && time.in().kind() == ValueSource.Kind.HEADER
            && variant.ids().stream().allMatch(id -> id.kind() == ValueSource.Kind.HEADER);
    if (!dotted || !inHeaders || time == null || variant.ids().isEmpty()) {
      return;
    }
    String idHeader = variant.ids().get(0).name();
    String now = time.unit().format(requests.now());
    SignedRequest good = requests.id("msg_shift").post(url, now + ".{}");
    String stamp = good.header(time.in().name());
    add(
        "id-holds-separator",
        "content moves from the body into the id",
        good.withHeader(idHeader, "msg_shift." + stamp).withBody(HostileRequest.bytes("{}")));
  }

  private void moments(TimeRule time) {
    Instant now = requests.now();
    Duration past = time.window().plusSeconds(60);
    add(
        "time-too-old",
        "a recorded request passes for ever",
        requests.clock(InstantSource.fixed(now.minus(past))).genuine(url));
    add(
        "time-too-new",
        "a request signed for later outlives its key",
        requests.clock(InstantSource.fixed(now.plus(past))).genuine(url));
  }

  private void spellings(TimeRule time) {
    if (time.in().kind() != ValueSource.Kind.HEADER) {
      return;
    }
    String name = time.in().name();
    SignedRequest good = good();
    String stamp = good.header(name);
    String other = time.unit().format(requests.now().plusSeconds(1));
    add("time-missing", "no time, no window", good.withoutHeader(name));
    add("time-changed", "a time that is not signed", good.withHeader(name, other));
    Map<String, String> spellings = new LinkedHashMap<>();
    spellings.put("time-empty", "");
    spellings.put("time-nan", "NaN");
    spellings.put("time-plus-sign", "+" + stamp);
    spellings.put("time-leading-zero", "0" + stamp);
    spellings.put("time-negative", "-" + stamp);
    spellings.put("time-exponent", "1e9");
    spellings.put("time-hex", "0x7fffffff");
    spellings.put("time-overflow", "9223372036854775808");
    spellings.put("time-other-unit", stamp + "000");
    spellings.put("time-arabic-indic", "\u0661\u0667\u0666\u0667\u0662\u0662\u0665\u0666");
    spellings.forEach(
        (attack, text) ->
            add(attack, "a parser that is too kind or throws", good.withHeader(name, text)));
  }

  private void method() {
    SignedRequest good = good();
    String why = "a way in without the check";
    for (String other : List.of("PUT", "DELETE")) {
      String attack = "method-" + other.toLowerCase(java.util.Locale.ROOT);
      add(attack, why, good.withMethod(other), REFUSED_OR_NO_METHOD);
    }
  }

  private static byte[] gzip(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return out.toByteArray();
  }

  private SignedRequest good() {
    return requests.genuine(url);
  }

  private void add(String attack, String why, SignedRequest request) {
    add(attack, why, request, REFUSED);
  }

  private void add(String attack, String why, SignedRequest request, Answers answers) {
    attacks.add(new HostileRequest(attack, why, Wire.plain(request), answers));
  }
}
