package dev.gatehouse.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * A request that a receiver of webhooks has to survive, and how it may answer.
 *
 * @param attack its name, which stays the same between releases
 * @param why what an attacker gains where it is answered otherwise
 * @param bytes what is sent, to the byte; a receiver sees exactly this
 * @param answers the answers that are right
 */
public record HostileRequest(String attack, String why, byte[] bytes, Answers answers) {
  /**
   * Classes of right answers. A status that is not in the set is a finding, each 5xx among them; 0
   * is a connection that was closed without an answer.
   */
  public enum Answers {
    /** The request is genuine, only unusual: it has to pass. */
    ACCEPTED(200, 201, 202, 204),
    /** Not signed by the sender. */
    REFUSED(400, 401, 403),
    /** Not signed, and encoded in a way of which nobody knows what is signed. */
    REFUSED_OR_UNSUPPORTED(400, 401, 403, 415),
    /** Not signed, and with a method of which no delivery comes. */
    REFUSED_OR_NO_METHOD(400, 401, 403, 404, 405, 501),
    /** Larger than any delivery is. */
    REFUSED_OR_TOO_LARGE(0, 400, 401, 403, 413, 431),
    /** No HTTP, or HTTP that two parsers read as different requests: no answer is one, too. */
    REFUSED_OR_CLOSED(0, 400, 401, 403);

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is
    private final Set<Integer> statuses;

    Answers(Integer... statuses) {
      this.statuses = Set.of(statuses);
    }

    /** The statuses that are right; 0 stands for a closed connection. */
    public Set<Integer> statuses() {
      return statuses;
    }
  }

  /** The name; never the bytes, which may hold a signature. */
  @Override
  public String toString() {
    return attack;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
