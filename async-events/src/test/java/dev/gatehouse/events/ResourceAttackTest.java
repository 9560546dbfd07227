package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.Filter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Floods, slow readers, and readers that leave at the wrong moment. */
class ResourceAttackTest extends HubTest {
  private static final SubscriptionRequest ALL = SubscriptionRequest.of(">");

  @Override
  protected EventLimits.Builder limits() {
    return EventLimits.builder()
        .connections(30_000, 25_000, 20_000)
        .subscriptions(200_000, 150_000, 100_000)
        .admissions(Rate.perSecond(100_000, 100_000))
        .operations(Rate.perSecond(1_000_000, 1_000_000));
  }

  private void limited(EventLimits.Builder limits) {
    Await.get(hub.close());
    hub = settings().limits(limits.build()).build();
  }

  @Test
  void connections_beyondALimit_areRefusedUntilOneCloses() {
    limited(EventLimits.builder().connections(5, 4, 2));
    EventConnection first = Reader.connect(hub, Callers.of(ACME, "ann"));
    Reader.connect(hub, Callers.of(ACME, "ann"));
    assertThat(refused(Callers.of(ACME, "ann"))).isEqualTo(Refusal.Code.TOO_MANY_CONNECTIONS);
    Reader.connect(hub, Callers.of(ACME, "bob"));
    Reader.connect(hub, Callers.of(ACME, "bob"));
    assertThat(refused(Callers.of(ACME, "cid"))).isEqualTo(Refusal.Code.TOO_MANY_CONNECTIONS);
    Reader.connect(hub, Callers.of(GLOBEX, "ann"));
    assertThat(refused(Callers.of(GLOBEX, "bob"))).isEqualTo(Refusal.Code.TOO_MANY_CONNECTIONS);

    first.close();
    Await.get(first.ended());

    Reader.connect(hub, Callers.of(GLOBEX, "bob"));
  }

  @Test
  void subscriptions_beyondALimit_areRefusedUntilOneEnds() {
    limited(
        EventLimits.builder()
            .subscriptions(6, 5, 4)
            .subscriptionsPerConnection(3)
            .connections(10, 10, 10));
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    Subscription one = Reader.open(ann, ALL);
    Reader.open(ann, ALL);
    Reader.open(ann, ALL);
    assertThat(Reader.refused(ann, ALL).code()).isEqualTo(Refusal.Code.TOO_MANY_SUBSCRIPTIONS);
    EventConnection again = Reader.connect(hub, Callers.of(ACME, "ann"));
    Reader.open(again, ALL);
    assertThat(Reader.refused(again, ALL).code()).isEqualTo(Refusal.Code.TOO_MANY_SUBSCRIPTIONS);
    EventConnection bob = Reader.connect(hub, Callers.of(ACME, "bob"));
    Reader.open(bob, ALL);
    assertThat(Reader.refused(bob, ALL).code()).isEqualTo(Refusal.Code.TOO_MANY_SUBSCRIPTIONS);
    EventConnection globex = Reader.connect(hub, Callers.of(GLOBEX, "ann"));
    Reader.open(globex, ALL);
    assertThat(Reader.refused(globex, ALL).code()).isEqualTo(Refusal.Code.TOO_MANY_SUBSCRIPTIONS);

    one.close();
    Await.get(one.ended());

    Reader.open(globex, ALL);
  }

  @Test
  void subscribes_whileThePolicyThinks_countToo() {
    limited(EventLimits.builder().subscriptionsPerConnection(3).policyTime(Duration.ofMinutes(1)));
    policy.subscribe =
        (principal, topics) -> Promise.<dev.gatehouse.core.Decision>promise().future();
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    for (int i = 0; i < 3; i++) {
      ann.subscribe(ALL);
    }

    assertThat(Reader.refused(ann, ALL).code()).isEqualTo(Refusal.Code.TOO_MANY_SUBSCRIPTIONS);
  }

  @Test
  void operations_tooManyASecond_areRefusedWithAHint() {
    limited(EventLimits.builder().operations(Rate.perSecond(1, 5)));
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    for (int i = 0; i < 5; i++) {
      Reader.open(ann, ALL).close();
    }

    Refusal refusal = Reader.refused(ann, ALL);
    assertThat(refusal.code()).isEqualTo(Refusal.Code.RATE_LIMITED);
    assertThat(refusal.retryAfter()).isPresent();
    Reader.open(Reader.connect(hub, Callers.of(ACME, "bob")), ALL);
    clock.advance(Duration.ofSeconds(1));
    Reader.open(ann, ALL);
  }

  @Test
  void admission_ofAStormOfReconnects_isPacedAndSpreadsTheHints() {
    limited(EventLimits.builder().admissions(Rate.perSecond(100, 50)));
    int in = 0;
    Set<Long> hints = new HashSet<>();
    long latest = 0;
    for (int i = 0; i < 1_050; i++) {
      // Of several tenants, of which none comes beyond its share.
      Admission admission = hub.admit(Callers.of(TenantId.of("t" + i % 5), "u" + i));
      if (admission instanceof Admission.Refused refused) {
        assertThat(refused.refusal().code()).isEqualTo(Refusal.Code.BUSY);
        long millis = refused.refusal().retryAfter().orElseThrow().toMillis();
        hints.add(millis / 100);
        latest = Math.max(latest, millis);
      } else {
        in++;
      }
    }

    assertThat(in).isEqualTo(50);
    // A thousand wait, a hundred get in each second: they are told to come over about ten seconds.
    assertThat(hints.size()).isGreaterThan(40);
    assertThat(latest).isBetween(5_000L, 15_000L);
  }

  @Test
  void admission_ofOneWhoConnectsAndLeaves_leavesTheOthersTheirPace() {
    limited(EventLimits.builder().admissions(Rate.perSecond(100, 100)));
    for (int i = 0; i < 1_000; i++) {
      if (hub.admit(Callers.of(ACME, "ann")) instanceof Admission.Admitted in) {
        in.connection().close();
      }
    }

    assertThat(refused(Callers.of(ACME, "ann"))).isEqualTo(Refusal.Code.BUSY);
    Reader.connect(hub, Callers.of(ACME, "bob"));
    for (int i = 0; i < 20; i++) {
      Reader.connect(hub, Callers.of(GLOBEX, "u" + i));
    }
  }

  @Test
  void slowReader_costsItsOwnBoundAndNothingElse() {
    limited(EventLimits.builder().queue(50, 64 << 10).eventBytes(64 << 10));
    Reader slow = Reader.idle(hub, Callers.of(ACME, "slow"), ALL);
    List<Reader> quick = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      quick.add(Reader.of(hub, Callers.of(ACME, "quick" + i), ALL));
    }
    for (int i = 0; i < 200; i++) {
      publish(ACME, "a", "e" + i);
      int count = i + 1;
      quick.forEach(reader -> reader.awaitCount(count));
      assertThat(slow.subscription.queued()).isLessThanOrEqualTo(50);
    }

    assertThat(slow.end()).isEqualTo(EndReason.SLOW_CONSUMER);
    assertThat(slow.got).isEmpty();
    quick.forEach(reader -> assertThat(reader.connection.isEnded()).isFalse());
    assertThat(hub.stats().ended().get(EndReason.SLOW_CONSUMER)).isEqualTo(1);
  }

  @Test
  void slowReader_disconnectedAndResumed_losesNothing() {
    limited(EventLimits.builder().queue(50, 1 << 20));
    Reader slow = Reader.idle(hub, Callers.of(ACME, "slow"), ALL);
    slow.subscription.request(10);
    for (int i = 0; i < 200; i++) {
      publish(ACME, "a", "e" + i);
    }
    assertThat(slow.end()).isEqualTo(EndReason.SLOW_CONSUMER);
    String cursor =
        slow.got.isEmpty()
            ? slow.subscription.startCursor()
            : slow.got.get(slow.got.size() - 1).cursor();
    int had = slow.got.size();

    Reader again = Reader.of(hub, Callers.of(ACME, "slow"), ALL.from(cursor));

    again.awaitCount(200 - had);
    assertThat(again.ids().get(0)).isEqualTo("e" + had);
    assertThat(again.ids()).hasSize(200 - had).doesNotContain("gap");
  }

  @Test
  void socket_closingWhileItsSubscribeResolves_leavesNothingBehind() {
    AtomicReference<Promise<dev.gatehouse.core.Decision>> pending = new AtomicReference<>();
    policy.subscribe =
        (principal, topics) -> {
          Promise<dev.gatehouse.core.Decision> promise = Promise.promise();
          pending.set(promise);
          return promise.future();
        };
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    Future<Subscribed> answer = ann.subscribe(ALL);
    Await.until("the policy is asked", () -> pending.get() != null);

    ann.close();
    Await.get(ann.ended());
    pending.get().complete(dev.gatehouse.core.Decision.allow());

    assertThat(Await.get(answer)).isInstanceOf(Subscribed.Refused.class);
    nothingIsLeft();
  }

  private void nothingIsLeft() {
    Await.until("no subscription", () -> hub.stats().subscriptions() == 0);
    Await.until("no connection", () -> hub.stats().connections() == 0);
    settle(ACME);
    HubState state = hub.state();
    assertThat(state.subscriptions().remembered()).isZero();
    assertThat(state.connections().remembered()).isZero();
    Await.until("no drain loop", () -> state.loops().size() == 0);
    for (Lane lane : state.lanes()) {
      Promise<int[]> sizes = Promise.promise();
      lane.execute(() -> sizes.complete(new int[] {lane.tenants(), lane.decisions().size()}));
      assertThat(Await.get(sizes.future())).containsExactly(0, 0);
    }
  }

  @Test
  void cycles_ofSubscribeAndComplete_aHundredThousandTimes_leaveNothingBehind() {
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    AtomicInteger done = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    int total = 100_000;
    for (int i = 0; i < total; i++) {
      int number = i;
      SubscriptionRequest request =
          SubscriptionRequest.of("t" + i % 1_000 + ".*")
              .filtered(Filter.parse("region = 'r" + i % 777 + "'"));
      ann.subscribe(request)
          .onSuccess(
              answer -> {
                if (answer instanceof Subscribed.Open open) {
                  open.subscription().handler(batch -> {}).request(1 + number % 3);
                  open.subscription().close();
                } else {
                  refused.incrementAndGet();
                }
                done.incrementAndGet();
              });
      if (i % 50 == 49) {
        int begun = i + 1;
        Await.until("so many", () -> done.get() == begun);
        Await.until("closed", () -> hub.stats().subscriptions() == 0);
      }
    }

    assertThat(refused).hasValue(0);
    assertThat(hub.stats().ended().get(EndReason.COMPLETED)).isEqualTo(total);
    ann.close();
    Await.get(ann.ended());
    nothingIsLeft();
  }

  @Test
  void bigEvent_forTenThousandSubscribers_isEncodedOnceAndHoldsUpNobodyElse() {
    int many = 10_000;
    AtomicInteger encoded = new AtomicInteger();
    AtomicInteger delivered = new AtomicInteger();
    EventView.Encoder encoder =
        view -> {
          encoded.incrementAndGet();
          return view.data().bytes();
        };
    EventConnection[] crowd = new EventConnection[100];
    List<Future<Subscribed>> answers = new ArrayList<>();
    for (int i = 0; i < crowd.length; i++) {
      crowd[i] = Reader.connect(hub, Callers.of(ACME, "u" + i));
      for (int j = 0; j < many / crowd.length; j++) {
        answers.add(crowd[i].subscribe(ALL));
      }
    }
    for (Future<Subscribed> answer : answers) {
      Subscription subscription = ((Subscribed.Open) Await.get(answer)).subscription();
      subscription
          .handler(
              batch -> {
                for (Delivery each : batch) {
                  ((Delivery.Message) each).event().encoded(encoder);
                  delivered.incrementAndGet();
                }
              })
          .request(Long.MAX_VALUE);
    }
    TenantId sameLane = otherTenantOf(hub.state().lane(ACME));
    AtomicInteger before = new AtomicInteger(-1);
    Reader.open(Reader.connect(hub, Callers.of(sameLane, "bob")), ALL)
        .handler(batch -> before.set(delivered.get()))
        .request(1);

    Buffer big = Buffer.buffer(new byte[200 << 10]);
    // On the lane, so that all are published before the first is delivered.
    hub.state()
        .lane(ACME)
        .execute(
            () -> {
              for (int i = 0; i < 5; i++) {
                EventData data = EventData.of("text/plain", big);
                hub.publish(Event.builder("a").tenant(ACME).data(data).build());
              }
              hub.publish(Event.builder("a").tenant(sameLane).id("small").build());
            });

    Await.until("the other's", () -> before.get() >= 0);
    Await.until("all of them", () -> delivered.get() == 5 * many);
    assertThat(before.get()).isLessThan(5 * many);
    assertThat(encoded).hasValue(5);
  }

  private TenantId otherTenantOf(Lane lane) {
    for (int i = 0; ; i++) {
      TenantId tenant = TenantId.of("t" + i);
      if (hub.state().lane(tenant) == lane) {
        return tenant;
      }
    }
  }

  @Test
  void tenant_thatPublishesWithoutPause_doesNotHoldUpAnother() throws InterruptedException {
    TenantId other = otherTenantOf(hub.state().lane(ACME));
    Principal ann = Callers.of(ACME, "ann");
    Filter nothing = Filter.parse("subject = 'x' or subject = 'y'");
    for (int i = 0; i < 200; i++) {
      Reader.of(hub, ann, ALL.filtered(nothing));
    }
    Reader reader = Reader.of(hub, Callers.of(other, "bob"), ALL);
    AtomicBoolean stop = new AtomicBoolean();
    Thread noisy =
        new Thread(
            () -> {
              while (!stop.get()) {
                hub.publish(Event.builder("a").tenant(ACME).build());
              }
            });
    noisy.start();

    long worst = 0;
    for (int i = 0; i < 50; i++) {
      long begin = System.nanoTime();
      publish(other, "a", "e" + i);
      reader.awaitCount(i + 1);
      worst = Math.max(worst, System.nanoTime() - begin);
    }
    stop.set(true);
    noisy.join();

    assertThat(Duration.ofNanos(worst)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void poisonEvent_stopsNothing() {
    policy.mask = (principal, event) -> Mask.hiding("data.secret");
    Reader reader =
        Reader.of(
            hub,
            Callers.of(ACME, "ann"),
            ALL.filtered(Filter.parse("exists(type) or data.x.y.z = 1")));
    for (String json :
        List.of(
            "{", "[".repeat(100_000), "{\"a\":1,\"a\":2}", "nul", "\u0000", "{\"a\":1e99999}")) {
      publish(
          Event.builder("a")
              .tenant(ACME)
              .id("poison")
              .data(EventData.of("application/json", Buffer.buffer(json)))
              .build());
    }
    publish(ACME, "a", "fine", new io.vertx.core.json.JsonObject().put("secret", 1).put("b", 2));

    reader.awaitCount(1);
    // What cannot be read cannot be masked, and is not shown.
    assertThat(reader.ids()).containsExactly("fine");
    assertThat(reader.message(0).event().data().bytes().toString()).isEqualTo("{\"b\":2}");
  }

  @Test
  void handler_thatThrows_endsItsSubscriptionAndNoOther() {
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    Subscription bad = Reader.open(ann, ALL);
    bad.handler(
            batch -> {
              throw new IllegalStateException("broken door");
            })
        .request(10);
    Reader good = Reader.of(hub, Callers.of(ACME, "bob"), ALL);

    publish(ACME, "a", "e0");
    publish(ACME, "a", "e1");

    good.awaitCount(2);
    assertThat(Await.get(bad.ended())).isEqualTo(EndReason.UNAVAILABLE);
  }

  @Test
  void event_largerThanMayBe_isRefused() {
    Event large =
        Event.builder("a")
            .tenant(ACME)
            .data(EventData.of("text/plain", Buffer.buffer(new byte[256 << 10])))
            .build();

    assertThat(refused(large)).isEqualTo(Refusal.Code.TOO_LARGE);
  }
}
