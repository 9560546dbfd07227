package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A subscriber that notes what it gets. */
final class Reader {
  final EventConnection connection;
  final Subscription subscription;
  final List<Delivery> got = new CopyOnWriteArrayList<>();

  private Reader(EventConnection connection, Subscription subscription) {
    this.connection = connection;
    this.subscription = subscription;
    subscription.handler(got::addAll);
  }

  static Reader over(EventConnection connection, Subscription subscription) {
    return new Reader(connection, subscription);
  }

  /** One that asks for everything. */
  static Reader of(EventHub hub, Principal principal, SubscriptionRequest request) {
    Reader reader = idle(hub, principal, request);
    reader.subscription.request(Long.MAX_VALUE);
    return reader;
  }

  static Reader of(EventHub hub, Principal principal, String topics) {
    return of(hub, principal, SubscriptionRequest.of(topics));
  }

  /** One that has asked for nothing yet. */
  static Reader idle(EventHub hub, Principal principal, SubscriptionRequest request) {
    EventConnection connection = connect(hub, principal);
    return new Reader(connection, open(connection, request));
  }

  static EventConnection connect(EventHub hub, Principal principal) {
    Admission admission = hub.admit(principal);
    if (admission instanceof Admission.Admitted admitted) {
      return admitted.connection();
    }
    throw new AssertionError(admission);
  }

  static Subscription open(EventConnection connection, SubscriptionRequest request) {
    Subscribed subscribed = Await.get(connection.subscribe(request));
    if (subscribed instanceof Subscribed.Open open) {
      return open.subscription();
    }
    throw new AssertionError(subscribed);
  }

  static Refusal refused(EventConnection connection, SubscriptionRequest request) {
    Subscribed subscribed = Await.get(connection.subscribe(request));
    if (subscribed instanceof Subscribed.Refused refused) {
      return refused.refusal();
    }
    throw new AssertionError(subscribed);
  }

  List<String> ids() {
    return got.stream()
        .map(each -> each instanceof Delivery.Message m ? m.event().id() : "gap")
        .toList();
  }

  List<Delivery.Gap> gaps() {
    return got.stream()
        .filter(Delivery.Gap.class::isInstance)
        .map(Delivery.Gap.class::cast)
        .toList();
  }

  Delivery.Message message(int index) {
    return (Delivery.Message) got.get(index);
  }

  void awaitCount(int count) {
    Await.until(count + " deliveries, of which " + got.size() + " came", () -> got.size() >= count);
  }

  EndReason end() {
    return Await.get(subscription.ended());
  }
}
