package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.AnswerStream.Answers;
import dev.gatehouse.graphql.access.AnswerStream.Opening;
import dev.gatehouse.graphql.plan.Evaluation;
import graphql.ExecutionResult;
import graphql.GraphQLError;
import graphql.execution.ExecutionContext;
import graphql.schema.DataFetcher;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** One operation whose authorization was decided, and what is left to do of it while it runs. */
public final class AuthorizedOperation {
  final Authorization authorization;
  final Evaluation asked;
  final @Nullable String name;
  final ObjectTally tally = new ObjectTally();
  final UngatedFields ungated = new UngatedFields();
  final @Nullable ObjectBatches batches;
  final Function<Denial, GraphQLError> errors;
  private volatile Verdict verdict;
  private volatile boolean isPolicyBroken;
  // Most fields are read by one and the same fetcher. It has final fields only, so whoever sees it
  // sees all of it.
  private @Nullable GuardedFetcher last;
  private volatile @Nullable Opening opening;

  AuthorizedOperation(
      Authorization authorization,
      Evaluation asked,
      @Nullable String name,
      Verdict verdict,
      boolean isPolicyBroken,
      Function<Denial, GraphQLError> errors) {
    this.authorization = authorization;
    this.asked = asked;
    this.name = name;
    this.verdict = verdict;
    this.isPolicyBroken = isPolicyBroken;
    this.errors = errors;
    this.batches =
        verdict.plan.hasBatches
            ? new ObjectBatches(this::caller, authorization.timeout(), tally)
            : null;
  }

  Verdict verdict() {
    return verdict;
  }

  /** What was decided anew, for what runs from now on. */
  void decided(Verdict anew, boolean isBroken) {
    verdict = anew;
    isPolicyBroken |= isBroken;
  }

  /** The caller; nobody where there is no valid credential. */
  public Optional<Principal> caller() {
    return verdict.caller;
  }

  /** Why the operation as a whole must not run; empty: it may, perhaps in part. */
  public List<Denial> denials() {
    return List.copyOf(verdict.operation);
  }

  /** Where objects are left out for their type, whether or not there were any. */
  public List<Denial> leftOut() {
    return List.copyOf(verdict.leftOut);
  }

  /** A data fetcher with what is to be done about its field; the same where nothing is. */
  public DataFetcher<?> guarded(DataFetcher<?> fetcher, ExecutionContext context) {
    GuardedFetcher known = last;
    if (known != null && known.isOf(fetcher, context)) {
      return known;
    }
    if (!verdict.isEnforcedWhileRunning() && !context.isSubscriptionOperation()) {
      return fetcher;
    }
    GuardedFetcher made = new GuardedFetcher(this, fetcher, context);
    last = made;
    return made;
  }

  /**
   * The answers that the engine makes of a subscription's events, and those of {@link SharedEvents}
   * that it needs not make.
   */
  public Publisher<ExecutionResult> answers(Publisher<ExecutionResult> engine) {
    return AnswerStream.of(engine, this);
  }

  void opening(@Nullable Opening next) {
    opening = next;
  }

  // another thread may be subscribing too
  @Nullable Answers opening() {
    Opening known = opening;
    return known != null && known.thread().equals(Thread.currentThread()) ? known.answers() : null;
  }

  /** The engine begins to run the operation. */
  public void began() {
    if (batches != null) {
      batches.enter();
    }
  }

  /** The engine has run it as far as it can without waiting. */
  public void dispatched() {
    if (batches != null) {
      batches.exit();
    }
  }

  /** The version of the rules that decided. */
  public String version() {
    return verdict.access.version;
  }

  /** The coordinates that were refused; at most 50. */
  public Set<String> refused() {
    return Set.copyOf(verdict.refused);
  }

  /** The coordinates that rules under observation would refuse, mask, or hide the objects of. */
  public Set<String> observed() {
    Set<String> all = new TreeSet<>(verdict.observed);
    all.addAll(tally.observed());
    return all;
  }

  /** How many objects were answered as if they were not there. */
  public long hiddenObjects() {
    return tally.hiddenObjects();
  }

  /** Whether something could not be decided, and was denied for that. */
  public boolean isBroken() {
    return isPolicyBroken || tally.isBroken();
  }

  @Override
  public String toString() {
    return "AuthorizedOperation[" + Objects.toString(verdict.refused) + "]";
  }
}
