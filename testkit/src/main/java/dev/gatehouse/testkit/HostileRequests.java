package dev.gatehouse.testkit;

import dev.gatehouse.webhook.scheme.Scheme;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds out whether a receiver of webhooks, in whatever language, lets a hostile request pass or
 * falls over one.
 *
 * <pre>{@code
 * assertThat(HostileRequests.against(url, Schemes.named("github"), "own-github-secret").run())
 *     .isEmpty();
 * }</pre>
 *
 * <p>A genuine request goes first: if the receiver does not take it, that is the only finding,
 * since nothing else would mean anything. Another one goes last: the receiver has to have survived.
 *
 * <h2>What it is not</h2>
 *
 * It sees answers, not effects: whether a duplicate ran twice is for a test inside the receiver. A
 * run makes about forty failed requests from one address; a receiver that limits those (Gatehouse's
 * own does) needs a higher limit in the test, else its 429 are findings. Use it on your own
 * receivers only.
 */
public final class HostileRequests {
  /**
   * A wrong answer.
   *
   * @param attack the attack's name
   * @param why what an attacker gains by it
   * @param status the status that came; 0 for a closed connection, -1 for no answer in time
   * @param right the statuses that would have been right
   */
  public record Finding(String attack, String why, int status, Set<Integer> right) {
    /** One line that says what happened; it holds no secret and no signature. */
    @Override
    public String toString() {
      String came =
          switch (status) {
            case RawCall.SILENT -> "no answer in time";
            case RawCall.CLOSED -> "a closed connection";
            case 429 -> "429: raise the receiver's limit of failed requests for this test";
            default -> Integer.toString(status);
          };
      return attack + ": " + came + ", not one of " + new TreeSet<>(right) + ": " + why;
    }
  }

  private final URI target;
  private final SignedRequests requests;
  private final String signedUrl;
  private final Duration timeout;

  private HostileRequests(URI target, SignedRequests requests, String signedUrl, Duration timeout) {
    this.target = target;
    this.requests = requests;
    this.signedUrl = signedUrl;
    this.timeout = timeout;
  }

  /**
   * The attacks on one receiver.
   *
   * @param target the URL of its webhook; {@code http} or {@code https}
   * @param scheme the scheme that it verifies
   * @param secret the secret that it has, or the private key to its public key
   * @throws IllegalArgumentException if the target is no such URL, or the scheme is judged over the
   *     whole request: the attacks are on signatures in a header
   */
  public static HostileRequests against(URI target, Scheme scheme, String secret) {
    boolean http = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
    if (!http || target.getHost() == null) {
      throw new IllegalArgumentException("target: give a URL such as http://127.0.0.1:8080/hook");
    }
    if (scheme.needsWholeRequest()) {
      throw new IllegalArgumentException(
          "scheme "
              + scheme.name()
              + " is judged over the whole request, and the attacks are on signatures in a header;"
              + " change what SignedRequests makes instead");
    }
    return new HostileRequests(
        target, SignedRequests.of(scheme, secret), target.toString(), Duration.ofSeconds(5));
  }

  /** With a constant that the scheme signs. */
  public HostileRequests param(String name, String value) {
    return new HostileRequests(target, requests.param(name, value), signedUrl, timeout);
  }

  /** With the clock of the receiver, where a test has set it. */
  public HostileRequests clock(InstantSource clock) {
    return new HostileRequests(target, requests.clock(clock), signedUrl, timeout);
  }

  /**
   * With the URL that is signed, where the receiver has a public one; the target is still called.
   */
  public HostileRequests signedUrl(String url) {
    return new HostileRequests(target, requests, url, timeout);
  }

  /** With the longest wait for an answer; 5 s unless told. */
  public HostileRequests timeout(Duration longest) {
    return new HostileRequests(target, requests, signedUrl, longest);
  }

  /**
   * The attacks as they would be sent now, signed now; those that the scheme has no place for are
   * left out.
   */
  public List<HostileRequest> requests() {
    List<HostileRequest> all = new ArrayList<>();
    all.addAll(SignatureAttacks.on(requests, signedUrl));
    all.addAll(ContentAttacks.on(requests, signedUrl));
    all.addAll(FramingAttacks.on(requests, signedUrl));
    return List.copyOf(all);
  }

  /**
   * Sends them all, one after the other, each on a connection of its own.
   *
   * @return every wrong answer; empty if the receiver is sound as far as this can tell
   * @throws UncheckedIOException if nothing listens at the target
   */
  public List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    judge(genuine("genuine-first", "a receiver that refuses everything shows nothing"), findings);
    if (!findings.isEmpty()) {
      return findings;
    }
    requests().forEach(request -> judge(request, findings));
    judge(genuine("genuine-last", "the receiver did not survive the run"), findings);
    return List.copyOf(findings);
  }

  private HostileRequest genuine(String name, String why) {
    return new HostileRequest(
        name, why, Wire.plain(requests.genuine(signedUrl)), HostileRequest.Answers.ACCEPTED);
  }

  private void judge(HostileRequest request, List<Finding> findings) {
    int status;
    try {
      status = RawCall.send(target, request.bytes(), timeout);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to " + target.getAuthority(), e);
    }
    Set<Integer> right = request.answers().statuses();
    if (!right.contains(status)) {
      findings.add(new Finding(request.attack(), request.why(), status, right));
    }
  }
}
