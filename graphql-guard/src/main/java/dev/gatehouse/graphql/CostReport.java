package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.ActualCost;
import dev.gatehouse.graphql.cost.CostBucket;
import graphql.ExecutionResult;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes {@code extensions.cost}: what was asked for, what was used, and what is left. */
final class CostReport {
  private final boolean isOn;
  private final @Nullable CostBucket bucket;

  CostReport(boolean isOn, @Nullable CostBucket bucket) {
    this.isOn = isOn;
    this.bucket = bucket;
  }

  ExecutionResult with(
      ExecutionResult result, GuardedRequest request, @Nullable ActualCost actual) {
    if (!isOn || Double.isNaN(request.estimate())) {
      return result;
    }
    Map<String, Object> cost = new LinkedHashMap<>();
    cost.put("requestedQueryCost", Numbers.json(request.estimate()));
    cost.put("actualQueryCost", actual == null ? null : Numbers.json(actual.charge()));
    GuardedRequest.Charged charged = request.charged();
    if (bucket != null && charged != null) {
      cost.put("throttleStatus", throttle(bucket, charged.available()));
    }
    Map<Object, Object> extensions = new LinkedHashMap<>();
    if (result.getExtensions() != null) {
      extensions.putAll(result.getExtensions());
    }
    extensions.put("cost", cost);
    return result.transform(builder -> builder.extensions(extensions));
  }

  private static Map<String, Object> throttle(CostBucket bucket, long available) {
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("maximumAvailable", bucket.rate().burst());
    status.put("currentlyAvailable", available);
    status.put("restoreRate", Numbers.json(bucket.restoreRate()));
    return status;
  }
}
