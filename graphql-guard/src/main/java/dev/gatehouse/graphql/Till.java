package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.ActualCost;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostBucket.Charge;
import dev.gatehouse.graphql.plan.Evaluation;
import graphql.GraphQLContext;
import io.vertx.core.Future;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where operations are paid for: the larger of both costs before they run, and back what they did
 * not use.
 *
 * <p>A bucket that answers at once is asked when the operation is decided. For one that answers
 * later the price is taken ahead, between parsing and execution; an operation whose price then
 * turns out higher, or that nobody took a price for, does not run. What was taken for one that does
 * not run in the end is given back.
 */
final class Till {
  private final CostBucket bucket;
  private final Function<GraphQLContext, String> key;

  Till(CostBucket bucket, Function<GraphQLContext, String> key) {
    this.bucket = bucket;
    this.key = key;
  }

  /** A price that was taken ahead, as it lies in the request's context. */
  private record Ahead(String key, long cost, @Nullable Charge charge) {}

  /** Whole points, rounded up; what is not finite is more than any bucket holds. */
  static long points(Evaluation asked) {
    double cost = Math.max(asked.typeCost(), asked.fieldCost());
    return Double.isNaN(cost) ? Long.MAX_VALUE : (long) Math.ceil(cost);
  }

  void charge(long cost, GraphQLContext context, GuardedRequest request) {
    if (cost > bucket.rate().burst()) {
      double max = bucket.rate().burst();
      throw Refusal.of(
          GuardError.of(
              ErrorCode.COST_LIMIT,
              "the operation costs more than a full bucket holds",
              Violation.of("cost", max, request.estimate()).toJson()));
    }
    Ahead ahead = context.get(Ahead.class);
    if (ahead != null) {
      if (ahead.cost < cost) {
        throw notTaken();
      }
      context.delete(Ahead.class);
      take(ahead.key, ahead.cost, ahead.charge, request);
      return;
    }
    String mine = key.apply(context);
    Future<Charge> asked = bucket.charge(mine, cost);
    take(mine, cost, asked.succeeded() ? asked.result() : null, request);
  }

  private void take(String key, long cost, @Nullable Charge charge, GuardedRequest request) {
    if (charge == null) {
      throw notTaken();
    }
    CostBucket from = charge.standIn().orElse(bucket);
    request.charged(
        new GuardedRequest.Charged(from, key, charge.granted() ? cost : 0, charge.available()));
    if (!charge.granted()) {
      throw Refusal.of(
          GuardError.of(
              ErrorCode.RATE_LIMITED,
              "the caller has spent its budget for now",
              Map.of("retryAfter", charge.retryAfterSeconds())));
    }
  }

  private static Refusal notTaken() {
    return Refusal.of(GuardError.of(ErrorCode.INTERNAL, "the price could not be taken"));
  }

  CompletableFuture<Void> chargeAhead(long cost, GraphQLContext context) {
    if (cost > bucket.rate().burst()) {
      return CompletableFuture.completedFuture(null);
    }
    String mine = key.apply(context);
    CompletableFuture<Void> done = new CompletableFuture<>();
    bucket
        .charge(mine, cost)
        .onComplete(
            answer -> {
              context.put(
                  Ahead.class, new Ahead(mine, cost, answer.succeeded() ? answer.result() : null));
              done.complete(null);
            });
    return done;
  }

  /** Gives back what was taken ahead of an operation that was then refused, or left. */
  void giveBack(GraphQLContext context) {
    Ahead ahead = context.get(Ahead.class);
    if (ahead == null) {
      return;
    }
    context.delete(Ahead.class);
    Charge charge = ahead.charge;
    if (charge != null && charge.granted()) {
      charge.standIn().orElse(bucket).refund(ahead.key, ahead.cost);
    }
  }

  void settle(GuardedRequest request) {
    GuardedRequest.Charged charged = request.charged();
    ActualCost actual = request.actual();
    if (charged == null || actual == null || request.isAborted()) {
      return;
    }
    long unused = charged.cost() - (long) Math.ceil(actual.charge());
    if (unused > 0) {
      // a refund that fails costs the caller points until the bucket fills, and nothing else
      charged.from().refund(charged.key(), unused);
      long available = Math.min(bucket.rate().burst(), charged.available() + unused);
      request.charged(
          new GuardedRequest.Charged(
              charged.from(), charged.key(), charged.cost() - unused, available));
    }
  }
}
