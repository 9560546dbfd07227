package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.events.TracedFacts.Read;
import dev.gatehouse.events.filter.FieldPath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A policy's answers for one principal, kept by what its rule read to find them.
 *
 * <p>Rules are functions of what they read, so they form a tree: at the root what is read first, a
 * branch for each value met there, below it what is read next, and the answer at the leaf. An event
 * is decided by walking down with its own values. The tree is dropped when the policy's version
 * changes, after {@value #MAX_SECONDS} seconds, and when it is full. An answer that is null, an
 * exception, an error or slow is a no, and is not kept.
 *
 * <p>Not safe for threads.
 */
final class DecisionCache {
  /** How long an answer is believed at most, whatever the policy's version says. */
  static final int MAX_SECONDS = 30;

  private static final int MAX_NODES = 512;
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(MAX_SECONDS);
  private static final Ruling REFUSED = Ruling.denied("forbidden");
  private static final Ruling FAILED = Ruling.broken("policy_failed");
  private static final Ruling SLOW = Ruling.broken("policy_slow");
  private static final Ruling UNSURE = Ruling.broken("policy_unavailable");

  private sealed interface Node {}

  private record Leaf(Ruling ruling) implements Node {}

  private record Fork(FieldPath path, Map<Object, Node> branches) implements Node {}

  private final EventPolicy policy;
  private final Principal principal;
  private final Decisions all;
  private @Nullable Node root;
  private int nodes;
  private long version;
  private long since;

  DecisionCache(EventPolicy policy, Principal principal, Decisions all) {
    this.policy = policy;
    this.principal = principal;
    this.all = all;
  }

  /**
   * Decides.
   *
   * @param event the event
   * @param current the policy's version
   * @param now {@link System#nanoTime} of about now
   */
  Ruling rule(Event event, long current, long now) {
    if (current == PolicyDesk.NO_VERSION) {
      return UNSURE;
    }
    if (current != version || now - since > MAX_NANOS || nodes > MAX_NODES) {
      forget(current, now);
    }
    Node at = root;
    while (at instanceof Fork fork) {
      at = fork.branches().get(TracedFacts.valueOf(event, fork.path()));
    }
    return at instanceof Leaf leaf ? leaf.ruling() : ask(event);
  }

  private void forget(long current, long now) {
    forget();
    version = current;
    since = now;
  }

  /** Drops all answers. */
  void forget() {
    all.forgotten(nodes);
    root = null;
    nodes = 0;
  }

  /**
   * Asks the rule. An answer that took too long is thrown away and asked for once more: what looks
   * like a slow rule is a pause of the machine more often than not, and a pause must lose no event.
   */
  private Ruling ask(Event event) {
    Ruling ruling = askOnce(event);
    return ruling.equals(SLOW) ? askOnce(event) : ruling;
  }

  private Ruling askOnce(Event event) {
    long begin = System.nanoTime();
    if (all.isResting(begin)) {
      return SLOW;
    }
    TracedFacts facts = new TracedFacts(event);
    Ruling ruling = answer(facts);
    long end = System.nanoTime();
    if (end - begin > SLOW_NANOS) {
      all.slow(end);
      return SLOW;
    }
    all.quick();
    if (ruling.kind() != Ruling.Kind.BROKEN) {
      keep(facts.reads(), ruling);
    }
    return ruling;
  }

  // A rule is the user's code: whatever it throws is a no, and must not stop the others' events.
  @SuppressWarnings("NullAway")
  private Ruling answer(TracedFacts facts) {
    try {
      Decision decision = policy.maySee(principal, facts);
      if (decision == null) {
        return FAILED;
      }
      if (decision instanceof Decision.Deny deny) {
        return Ruling.denied(deny.code());
      }
      if (!decision.isAllowed()) {
        return REFUSED;
      }
      Mask mask = policy.mask(principal, facts);
      return mask == null ? FAILED : Ruling.seen(mask);
    } catch (Throwable e) {
      Thrown.keepInterruption(e);
      return FAILED;
    }
  }

  private void keep(List<Read> reads, Ruling ruling) {
    if (reads.isEmpty()) {
      root = new Leaf(ruling);
      return;
    }
    Fork fork = forkFor(root, reads.get(0));
    root = fork;
    for (int i = 1; i < reads.size() && fork != null; i++) {
      Object value = reads.get(i - 1).value();
      Fork next = forkFor(fork.branches().get(value), reads.get(i));
      if (next != null) {
        fork.branches().put(value, next);
      }
      fork = next;
    }
    if (fork == null) {
      // The same values led to another reading: the rule depends on something else. Keep nothing.
      forget();
      return;
    }
    fork.branches().put(reads.get(reads.size() - 1).value(), new Leaf(ruling));
    grow();
  }

  /** How many nodes are kept. */
  int size() {
    return nodes;
  }

  private void grow() {
    nodes++;
    all.kept();
  }

  private @Nullable Fork forkFor(@Nullable Node known, Read read) {
    if (known == null) {
      grow();
      return new Fork(read.path(), new HashMap<>(4));
    }
    return known instanceof Fork fork && fork.path().equals(read.path()) ? fork : null;
  }
}
