package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A log that answers later, as one does that is on another machine. */
class LateEndTest {
  private final Vertx vertx = Vertx.vertx();
  private final EventLog memory = EventLog.inMemory();
  private final Promise<Void> end = Promise.promise();
  private final Promise<Runnable> followed = Promise.promise();

  private final EventLog late =
      new PassedOnLog(memory) {
        @Override
        public Future<Position> end(TenantId tenant) {
          Future<Position> answer = memory.end(tenant);
          return end.future().compose(now -> answer);
        }

        @Override
        public Following follow(TenantId tenant, Runnable wake) {
          followed.complete(wake);
          return memory.follow(tenant, wake);
        }
      };

  private final EventHub hub = EventHub.create(vertx, late, EventPolicy.everyoneOfTheTenant());

  @AfterEach
  void close() {
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  @Test
  void subscription_wokenBeforeTheLogsEndIsKnown_getsWhatFollows() {
    EventConnection connection = Reader.connect(hub, Callers.of(Callers.ACME, "ann"));
    Future<Subscribed> opening = connection.subscribe(SubscriptionRequest.of(">"));
    // On the lane, before the end: the wake finds nothing to do.
    Await.get(followed.future()).run();
    Await.get(hub.publish(Event.of(Callers.ACME, "a", new JsonObject())));

    end.complete();
    Subscribed.Open open = (Subscribed.Open) Await.get(opening);
    Promise<Delivery> first = Promise.promise();
    open.subscription().handler(batch -> first.tryComplete(batch.get(0))).request(Long.MAX_VALUE);
    Await.get(hub.publish(Event.of(Callers.ACME, "b", new JsonObject())));

    Await.get(first.future());
  }

  @Test
  void subscription_whoseNeighbourLeftBeforeTheLogsEndIsKnown_getsWhatFollows() {
    EventConnection leaving = Reader.connect(hub, Callers.of(Callers.ACME, "ann"));
    EventConnection staying = Reader.connect(hub, Callers.of(Callers.ACME, "bob"));
    Future<Subscribed> left = leaving.subscribe(SubscriptionRequest.of(">"));
    Future<Subscribed> opening = staying.subscribe(SubscriptionRequest.of(">"));
    Await.lane(hub, Callers.ACME);

    leaving.close();
    end.complete();
    assertThat(Await.get(left)).isInstanceOf(Subscribed.Refused.class);
    Subscribed.Open open = (Subscribed.Open) Await.get(opening);
    Promise<Delivery> first = Promise.promise();
    open.subscription().handler(batch -> first.tryComplete(batch.get(0))).request(Long.MAX_VALUE);
    Await.get(hub.publish(Event.of(Callers.ACME, "a", new JsonObject())));

    Await.get(first.future());
  }
}
