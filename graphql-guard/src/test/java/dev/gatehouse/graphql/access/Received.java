package dev.gatehouse.graphql.access;

import graphql.ExecutionResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** What a subscriber gets. */
class Received implements Subscriber<ExecutionResult> {
  final List<ExecutionResult> events = new CopyOnWriteArrayList<>();
  volatile Throwable failure;
  volatile boolean isComplete;
  volatile Subscription subscription;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final long first;

  Received(long first) {
    this.first = first;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    if (first > 0) {
      given.request(first);
    }
  }

  @Override
  public void onNext(ExecutionResult event) {
    events.add(event);
    begun.countDown();
  }

  @Override
  public void onError(Throwable cause) {
    failure = cause;
  }

  @Override
  public void onComplete() {
    isComplete = true;
  }

  /** Waits for the first event, where another thread brings it. */
  boolean hasBegun() throws InterruptedException {
    return begun.await(60, TimeUnit.SECONDS);
  }

  String said() {
    return events.stream().map(ExecutionResult::toSpecification).toList().toString();
  }

  /** The ids of the parcels that came. */
  List<Object> ids() {
    List<Object> ids = new ArrayList<>();
    for (ExecutionResult each : events) {
      Map<String, Map<String, Object>> data = each.getData();
      ids.add(data.get("parcel").get("id"));
    }
    return ids;
  }
}
