package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;

/**
 * Deliveries of Standard Webhooks, each with an id of its own and signed before the load begins, so
 * that sending one costs a copy of its bytes and nothing else.
 */
final class SignedTraffic {
  private static final int SIGNATURE_LENGTH = 44;

  private final byte[] template;
  private final byte[] body;
  private final int idAt;
  private final int signatureAt;
  private final String time;
  private final Mac mac;
  private final IdOrder order;
  private long nextId;

  /**
   * Traffic that is signed now; use it within five minutes.
   *
   * @param path the path to which it goes
   * @param bodySize the bodies' length in bytes
   * @param mac the sender's MAC
   * @param order of the ids
   * @param firstId no id is used twice, so continue where earlier traffic ended
   */
  SignedTraffic(String path, int bodySize, Mac mac, IdOrder order, long firstId) {
    this.mac = mac;
    this.order = order;
    this.nextId = firstId;
    this.time = Long.toString(Instant.now().getEpochSecond());
    this.body = SignedSample.json(bodySize, 1).getBytes(US_ASCII);
    String untilId =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: hooks.example.com\r\nUser-Agent: Webhooks/1.0\r\nAccept: */*\r\n"
            + "Content-Type: application/json\r\nContent-Length: "
            + bodySize
            + "\r\nwebhook-id: "
            + IdOrder.BEGINNING;
    String untilSignature =
        untilId
            + "0".repeat(IdOrder.DIGITS)
            + IdOrder.END
            + "\r\nwebhook-timestamp: "
            + time
            + "\r\nwebhook-signature: v1,";
    String head = untilSignature + " ".repeat(SIGNATURE_LENGTH) + "\r\n\r\n";
    this.idAt = untilId.length();
    this.signatureAt = untilSignature.length();
    this.template = SignedSample.joined(head, body);
  }

  /** The first id that was not used. */
  long nextId() {
    return nextId;
  }

  /** The length of one request. */
  int requestLength() {
    return template.length;
  }

  /** Signs that many deliveries. */
  RequestSource sign(int count) {
    byte[] ids = new byte[count * IdOrder.DIGITS];
    byte[] signatures = new byte[count * SIGNATURE_LENGTH];
    Base64.Encoder base64 = Base64.getEncoder();
    for (int i = 0; i < count; i++) {
      byte[] id = order.digits(nextId++);
      mac.update(IdOrder.BEGINNING.getBytes(US_ASCII));
      mac.update(id);
      mac.update((IdOrder.END + "." + time + ".").getBytes(US_ASCII));
      byte[] signature = base64.encode(mac.doFinal(body));
      System.arraycopy(id, 0, ids, i * IdOrder.DIGITS, IdOrder.DIGITS);
      System.arraycopy(signature, 0, signatures, i * SIGNATURE_LENGTH, SIGNATURE_LENGTH);
    }
    return new Signed(ids, signatures);
  }

  private final class Signed implements RequestSource {
    private final byte[] ids;
    private final byte[] signatures;
    private int next;

    private Signed(byte[] ids, byte[] signatures) {
      this.ids = ids;
      this.signatures = signatures;
    }

    @Override
    public boolean next(ByteBuffer out) {
      if (next * IdOrder.DIGITS >= ids.length) {
        return false;
      }
      int at = out.position();
      out.put(template);
      out.put(at + idAt, ids, next * IdOrder.DIGITS, IdOrder.DIGITS);
      out.put(at + signatureAt, signatures, next * SIGNATURE_LENGTH, SIGNATURE_LENGTH);
      next++;
      return true;
    }
  }
}
