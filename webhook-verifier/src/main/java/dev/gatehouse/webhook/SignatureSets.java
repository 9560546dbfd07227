package dev.gatehouse.webhook;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Grammar;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests whose signature header holds several sets, each with a time and signatures of its own,
 * as senders write while a secret rotates. Each set is judged as if it had come alone: a signature
 * never counts under the time of another set.
 */
final class SignatureSets {
  private static final int MAX_SETS = 4;

  private SignatureSets() {}

  /** The verdict of the first set that is accepted, else that of the first set. */
  static Verification verify(WebhookVerifier verifier, WebhookRequest request) {
    Verification first = null;
    for (Headers set : setsOf(verifier, request.headers())) {
      Verification verdict = verifier.verify(request, set);
      if (!(verdict instanceof Verification.Rejected)) {
        return verdict;
      }
      first = first == null ? verdict : first;
    }
    return first == null ? Verification.rejected(RejectReason.MALFORMED_SIGNATURE) : first;
  }

  /** What the head decides: null if the body may make one of the sets right. */
  static @Nullable Verification judge(WebhookVerifier verifier, RequestHead head) {
    Verification first = null;
    for (Headers set : setsOf(verifier, head.headers())) {
      Verification verdict = verifier.judge(head, set);
      if (verdict == null) {
        return null;
      }
      first = first == null ? verdict : first;
    }
    return first == null ? Verification.rejected(RejectReason.MALFORMED_SIGNATURE) : first;
  }

  // Empty if there are more sets than anybody sends.
  private static List<Headers> setsOf(WebhookVerifier verifier, Headers headers) {
    Grammar grammar = verifier.scheme().grammar();
    String name = verifier.scheme().variants().get(0).places().get(0).header();
    String text = headers.only(name, WebhookRequest.AMBIGUOUS);
    if (text == null || text.equals(WebhookRequest.AMBIGUOUS) || !text.contains(grammar.sets())) {
      return List.of(headers);
    }
    List<Headers> sets = new ArrayList<>();
    for (String set : text.split(java.util.regex.Pattern.quote(grammar.sets()), MAX_SETS + 1)) {
      sets.add(new OneSet(headers, name, set));
    }
    return sets.size() > MAX_SETS ? List.of() : sets;
  }

  /** The headers of a request with one of the sets in the place of all. */
  private record OneSet(Headers headers, String name, String text) implements Headers {
    @Override
    public @Nullable String first(String wanted) {
      return wanted.equalsIgnoreCase(name) ? text : headers.first(wanted);
    }

    @Override
    public boolean isAmbiguous(String wanted) {
      return !wanted.equalsIgnoreCase(name) && headers.isAmbiguous(wanted);
    }

    @Override
    public List<Header> all() {
      return headers.all();
    }
  }
}
