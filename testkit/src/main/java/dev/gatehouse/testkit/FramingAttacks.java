package dev.gatehouse.testkit;

import static dev.gatehouse.testkit.HostileRequest.Answers.ACCEPTED;
import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED;
import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED_OR_CLOSED;
import static dev.gatehouse.testkit.HostileRequest.Answers.REFUSED_OR_TOO_LARGE;

import dev.gatehouse.testkit.HostileRequest.Answers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is done to HTTP around the request. */
final class FramingAttacks {
  private static final String CHUNKED = "Transfer-Encoding: chunked";

  private final List<HostileRequest> attacks = new ArrayList<>();
  private final SignedRequests requests;
  private final String url;
  private final String header;

  private FramingAttacks(SignedRequests requests, String url) {
    this.requests = requests;
    this.url = url;
    this.header = requests.scheme().variants().get(0).places().get(0).header();
  }

  static List<HostileRequest> on(SignedRequests requests, String url) {
    FramingAttacks made = new FramingAttacks(requests, url);
    made.chunks();
    made.lengths();
    made.headers();
    return made.attacks;
  }

  private void chunks() {
    SignedRequest good = requests.genuine(url);
    add(
        "chunks-of-one-byte",
        "a genuine delivery is lost when a proxy frames it anew",
        Wire.framed(good, CHUNKED, Wire.chunks(good.body(), "")),
        ACCEPTED);
    SignedRequest bare = good.withoutHeader(header);
    String trailer = header + ": " + good.header(header) + "\r\n";
    add(
        "signature-in-trailer",
        "a trailer comes after the check that a proxy makes",
        Wire.framed(bare, CHUNKED, Wire.chunks(bare.body(), trailer)),
        REFUSED);
    add(
        "chunk-size-not-hex",
        "two parsers read two requests",
        Wire.framed(good, CHUNKED, HostileRequest.bytes("0x5\r\nhello\r\n0\r\n\r\n")),
        REFUSED_OR_CLOSED);
  }

  private void lengths() {
    SignedRequest good = requests.genuine(url);
    byte[] body = good.body();
    String why = "two parsers read two requests";
    add("length-and-chunks", why, "Content-Length: " + body.length + "\r\n" + CHUNKED, good);
    add("length-twice", why, "Content-Length: " + body.length + "\r\nContent-Length: 1", good);
    add("length-negative", why, "Content-Length: -1", good);
    SignedRequest bare = good.withoutHeader(header);
    add(
        "length-of-a-terabyte",
        "memory is set aside for what was only promised",
        Wire.framed(bare, "Content-Length: 1099511627776", body),
        REFUSED_OR_TOO_LARGE);
    if (requests.scheme().protectsIntegrity()) {
      byte[] cut = Arrays.copyOf(body, body.length - 1);
      add(
          "length-shorter-than-body",
          "the rest is read as the next request",
          Wire.framed(good, "Content-Length: " + cut.length, body),
          REFUSED);
    }
  }

  private void headers() {
    SignedRequest good = requests.genuine(url);
    String value = good.header(header);
    String why = "a header that two parsers read differently";
    add("signature-with-nul", why, lined(good, header + ": " + value + "\0"), REFUSED_OR_CLOSED);
    // Folded inside: RFC 9112, 5.2 puts a space where the fold was, and nobody may take it out.
    int half = value.length() - 8;
    String folded = header + ": " + value.substring(0, half) + "\r\n " + value.substring(half);
    add("signature-folded", why, lined(good, folded), REFUSED_OR_CLOSED);
    add("header-name-with-space", why, lined(good, header + " : " + value), REFUSED_OR_CLOSED);
  }

  private byte[] lined(SignedRequest good, String line) {
    SignedRequest bare = good.withoutHeader(header);
    return Wire.framed(bare, line + "\r\nContent-Length: " + good.body().length, good.body());
  }

  private void add(String attack, String why, String framing, SignedRequest good) {
    add(attack, why, Wire.framed(good, framing, good.body()), REFUSED_OR_CLOSED);
  }

  private void add(String attack, String why, byte[] bytes, Answers answers) {
    attacks.add(new HostileRequest(attack, why, bytes, answers));
  }
}
