package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch.Kind;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A credential that ends, changes or is taken away while events are on their way to its owner. */
class LiveCredentialAttackTest extends HubTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  // A second is the promise; the rest is for a machine that has others to serve.
  private static final long IN_TIME = TimeUnit.SECONDS.toNanos(10);

  @Override
  protected EventLimits.Builder limits() {
    return EventLimits.builder()
        .connections(20_000, 5_000, 2_000)
        .subscriptions(20_000, 5_000, 2_000)
        .operations(dev.gatehouse.core.RateLimiter.Rate.perSecond(10_000, 10_000))
        .policyTime(Duration.ofMillis(300));
  }

  private Principal annUntil(Duration after, String... scopes) {
    return Callers.user("ann")
        .tenant(ACME)
        .scopes(Set.of(scopes))
        .expiry(MovableClock.START.plus(after))
        .build();
  }

  @Test
  void credential_thatExpires_endsTheStreamAndThrowsAwayWhatIsQueued() {
    Reader reader = Reader.idle(hub, annUntil(MINUTE), SubscriptionRequest.of(">"));
    publish(ACME, "a", "queued");
    settle(ACME);

    clock.advance(MINUTE);
    reader.subscription.request(10);

    assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_EXPIRED);
    assertThat(Await.get(reader.connection.ended())).isEqualTo(EndReason.CREDENTIALS_EXPIRED);
    assertThat(reader.got).isEmpty();
  }

  @Test
  void credential_oneMomentBeforeItsEnd_isStillGood() {
    Reader reader = Reader.of(hub, annUntil(MINUTE), ">");
    clock.advance(MINUTE.minusNanos(1));

    publish(ACME, "a", "in time");

    reader.awaitCount(1);
    clock.advance(Duration.ofNanos(1));
    assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_EXPIRED);
  }

  @Test
  void credential_thatIsOver_connectsNobody() {
    assertThat(refused(annUntil(Duration.ZERO))).isEqualTo(Refusal.Code.CREDENTIALS_EXPIRED);
    assertThat(refused(annUntil(MINUTE.negated()))).isEqualTo(Refusal.Code.CREDENTIALS_EXPIRED);
  }

  @Test
  void clock_thatIsTurnedBackAfterTheEnd_bringsNothingBack() {
    Reader reader = Reader.of(hub, annUntil(MINUTE), ">");
    clock.advance(MINUTE);
    assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_EXPIRED);

    clock.advance(MINUTE.multipliedBy(-2));
    publish(ACME, "a", "late");
    settle(ACME);

    assertThat(reader.got).isEmpty();
    assertThat(Reader.refused(reader.connection, SubscriptionRequest.of(">")).code())
        .isEqualTo(Refusal.Code.CREDENTIALS_EXPIRED);
  }

  @Test
  void credential_refreshedInTime_goesOnWithoutALoss() {
    Reader reader = Reader.of(hub, annUntil(MINUTE), ">");
    for (int i = 0; i < 50; i++) {
      publish(ACME, "a", "e" + i);
    }

    assertThat(Await.get(reader.connection.refresh(annUntil(MINUTE.multipliedBy(3)))).isAllowed())
        .isTrue();
    for (int i = 50; i < 100; i++) {
      publish(ACME, "a", "e" + i);
    }
    clock.advance(MINUTE.multipliedBy(2));
    publish(ACME, "a", "e100");

    reader.awaitCount(101);
    assertThat(reader.ids()).hasSize(101).doesNotHaveDuplicates().doesNotContain("gap");
    clock.advance(MINUTE);
    assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_EXPIRED);
  }

  @Test
  void refresh_asAnotherPrincipal_isRefusedAndChangesNothing() {
    Reader reader = Reader.of(hub, annUntil(MINUTE), ">");
    List<Principal> others =
        List.of(
            Callers.of(ACME, "bob"),
            Callers.of(GLOBEX, "ann"),
            Callers.user("ann").build(),
            Principal.vouchedBy("test", Principal.Kind.SERVICE, "ann").tenant(ACME).build(),
            Principal.vouchedBy("other", Principal.Kind.USER, "ann").tenant(ACME).build(),
            Callers.of(ACME, "Ann"));
    for (Principal other : others) {
      Decision decision = Await.get(reader.connection.refresh(other));
      assertThat(decision)
          .isInstanceOfSatisfying(
              Decision.Deny.class, deny -> assertThat(deny.code()).isEqualTo("other_principal"));
    }

    publish(GLOBEX, "a", "foreign");
    publish(ACME, "a", "own");
    reader.awaitCount(1);
    assertThat(reader.ids()).containsExactly("own");
    clock.advance(MINUTE);
    assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_EXPIRED);
  }

  @Test
  void refresh_withAnExpiredOrStoppedCredential_isRefused() {
    Reader reader = Reader.of(hub, annUntil(MINUTE), ">");
    assertThat(Await.get(reader.connection.refresh(annUntil(Duration.ZERO))).isAllowed()).isFalse();
    clock.advance(MINUTE);
    assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_EXPIRED);
    assertThat(Await.get(reader.connection.refresh(annUntil(MINUTE.multipliedBy(5)))).isAllowed())
        .isFalse();
  }

  @Test
  void refresh_withFewerScopes_decidesAnewWhatIsQueued() {
    policy.see =
        (principal, event) ->
            event.topic().equals("open") || principal.scopes().contains("all")
                ? Decision.allow()
                : RulesPolicy.no();
    Reader reader = Reader.idle(hub, annUntil(MINUTE, "all"), SubscriptionRequest.of(">"));
    publish(ACME, "closed", "c1");
    publish(ACME, "open", "o1");
    settle(ACME);

    Await.get(reader.connection.refresh(annUntil(MINUTE)));
    publish(ACME, "closed", "c2");
    publish(ACME, "open", "o2");
    reader.subscription.request(10);

    reader.awaitCount(2);
    settle(ACME);
    assertThat(reader.ids()).containsExactly("o1", "o2");
  }

  @Test
  void revocation_withQueuedEvents_deliversNoneOfThemAndEndsWithinASecond() {
    Reader reader = Reader.idle(hub, Callers.of(ACME, "ann"), SubscriptionRequest.of(">"));
    Reader other = Reader.of(hub, Callers.of(ACME, "bob"), ">");
    for (int i = 0; i < 100; i++) {
      publish(ACME, "a", "e" + i);
    }
    settle(ACME);

    long begin = System.nanoTime();
    hub.revoke(principal -> principal.id().equals("ann"));
    assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_REVOKED);
    assertThat(System.nanoTime() - begin).isLessThan(IN_TIME);
    reader.subscription.request(1_000);
    other.awaitCount(100);

    assertThat(reader.got).isEmpty();
    assertThat(other.connection.isEnded()).isFalse();
  }

  @Test
  void revocation_whoseTestThrowsForOne_endsThatOneAndAllWhomItNames() {
    Principal named = Callers.user("ann").tenant(ACME).claims(Map.of("team", "red")).build();
    Principal other = Callers.user("cyd").tenant(ACME).claims(Map.of("team", "blue")).build();
    Reader claimless = Reader.of(hub, Callers.of(ACME, "bob"), ">");
    Reader red = Reader.of(hub, named, ">");
    Reader blue = Reader.of(hub, other, ">");

    hub.revoke(principal -> principal.claims().get("team").equals("red"));

    assertThat(red.end()).isEqualTo(EndReason.CREDENTIALS_REVOKED);
    assertThat(claimless.end()).isEqualTo(EndReason.CREDENTIALS_REVOKED);
    settle(ACME);
    assertThat(blue.connection.isEnded()).isFalse();
  }

  @Test
  void killSwitch_ofThePrincipalOrTenant_purgesEndsWithinASecondAndRefusesTheReconnect() {
    Map<Kind, String> targets = Map.of(Kind.PRINCIPAL, "ann", Kind.TENANT, "acme");
    targets.forEach(
        (kind, name) -> {
          Reader reader = Reader.idle(hub, Callers.of(ACME, "ann"), SubscriptionRequest.of(">"));
          Reader globex = Reader.of(hub, Callers.of(GLOBEX, "bob"), ">");
          publish(ACME, "a", "queued");
          settle(ACME);

          long begin = System.nanoTime();
          killSwitch.engage(kind, name, "test");
          reader.subscription.request(10);
          assertThat(reader.end()).isEqualTo(EndReason.CREDENTIALS_REVOKED);
          assertThat(System.nanoTime() - begin).isLessThan(IN_TIME);
          assertThat(reader.got).isEmpty();
          assertThat(refused(Callers.of(ACME, "ann"))).isEqualTo(Refusal.Code.STOPPED);
          publish(GLOBEX, "a", "other");
          globex.awaitCount(1);

          killSwitch.release(kind, name);
          publish(ACME, "a", "after");
          Reader again = Reader.of(hub, Callers.of(ACME, "ann"), ">");
          publish(ACME, "a", "again");
          again.awaitCount(1);
        });
  }

  @Test
  void killSwitch_ofATopic_purgesItsEventsAndEndsThoseWhoAskForNothingElse() {
    Reader narrow =
        Reader.idle(hub, Callers.of(ACME, "ann"), SubscriptionRequest.of("orders.paid"));
    Reader wide = Reader.idle(hub, Callers.of(ACME, "bob"), SubscriptionRequest.of("orders.*"));
    publish(ACME, "orders.paid", "stopped");
    publish(ACME, "orders.sent", "sent");
    settle(ACME);

    killSwitch.engage(Kind.OPERATION, "orders.paid", "test");
    narrow.subscription.request(10);
    wide.subscription.request(10);
    assertThat(refused(Event.builder("orders.paid").tenant(ACME).build()))
        .isEqualTo(Refusal.Code.STOPPED);
    publish(ACME, "orders.sent", "later");

    assertThat(narrow.end()).isEqualTo(EndReason.STOPPED);
    wide.awaitCount(2);
    assertThat(narrow.got).isEmpty();
    assertThat(wide.ids()).containsExactly("sent", "later");
    EventConnection connection = Reader.connect(hub, Callers.of(ACME, "ann"));
    assertThat(Reader.refused(connection, SubscriptionRequest.of("orders.paid")).code())
        .isEqualTo(Refusal.Code.STOPPED);
    killSwitch.release(Kind.OPERATION, "orders.paid");
    Reader.open(connection, SubscriptionRequest.of("orders.paid"));
  }

  // What is queued is thrown out on another thread than the one that asks for it.
  @Test
  void killSwitch_ofATopic_isInTimeForWhoeverAsksAtThatMoment() {
    for (int i = 0; i < 1_000; i++) {
      Reader narrow =
          Reader.idle(hub, Callers.of(ACME, "ann"), SubscriptionRequest.of("orders.paid"));
      publish(ACME, "orders.paid", "stopped");
      settle(ACME);
      killSwitch.engage(Kind.OPERATION, "orders.paid", "test");
      narrow.subscription.request(10);

      assertThat(narrow.end()).isEqualTo(EndReason.STOPPED);
      assertThat(narrow.got).isEmpty();
      killSwitch.release(Kind.OPERATION, "orders.paid");
    }
  }

  @Test
  void killSwitch_namedLikeAPattern_stopsAllThatItHas() {
    killSwitch.engage(Kind.OPERATION, "orders.>", "test");
    EventConnection connection = Reader.connect(hub, Callers.of(ACME, "ann"));

    for (String topics : List.of("orders.>", "orders.*", "orders.eu.paid", "orders.*.paid")) {
      assertThat(Reader.refused(connection, SubscriptionRequest.of(topics)).code())
          .isEqualTo(Refusal.Code.STOPPED);
    }
    assertThat(refused(Event.builder("orders.eu.paid").tenant(ACME).build()))
        .isEqualTo(Refusal.Code.STOPPED);
    Reader all = Reader.of(hub, Callers.of(ACME, "bob"), ">");
    publish(ACME, "orders", "not below");
    all.awaitCount(1);
  }

  @Test
  void killSwitch_whileAThousandReconnect_letsNoneStay() throws InterruptedException {
    AtomicInteger delivered = new AtomicInteger();
    List<EventConnection> admitted = new ArrayList<>();
    CountDownLatch engaged = new CountDownLatch(1);
    Thread switching =
        new Thread(
            () -> {
              Await.until("some are in", () -> hub.stats().subscriptions() > 200);
              killSwitch.engage(Kind.TENANT, "acme", "test");
              engaged.countDown();
            });
    switching.start();
    for (int i = 0; i < 1_000; i++) {
      Admission admission = hub.admit(Callers.of(ACME, "u" + i));
      if (admission instanceof Admission.Admitted in) {
        admitted.add(in.connection());
        in.connection()
            .subscribe(SubscriptionRequest.of(">"))
            .onSuccess(
                answer -> {
                  if (answer instanceof Subscribed.Open open) {
                    open.subscription()
                        .handler(batch -> delivered.addAndGet(batch.size()))
                        .request(Long.MAX_VALUE);
                  }
                });
      }
    }
    engaged.await();
    switching.join();
    log.append(Event.builder("a").tenant(ACME).build());

    Await.until("all ended", () -> hub.stats().connections() == 0);
    Await.until("nothing left", () -> hub.stats().subscriptions() == 0);
    settle(ACME);
    assertThat(admitted).allMatch(EventConnection::isEnded);
    assertThat(delivered).hasValue(0);
  }

  @Test
  void role_removed_endsWhoMayNoLongerAndDecidesAnewForTheOthers() {
    policy.subscribe = (principal, topics) -> Future.succeededFuture(Decision.allow());
    Reader ends = Reader.idle(hub, Callers.of(ACME, "ann"), SubscriptionRequest.of(">"));
    Reader stays = Reader.idle(hub, Callers.of(ACME, "bob"), SubscriptionRequest.of(">"));
    publish(ACME, "a", "a1");
    publish(ACME, "b", "b1");
    settle(ACME);

    policy.subscribe =
        (principal, topics) ->
            Future.succeededFuture(
                principal.id().equals("ann") ? RulesPolicy.no() : Decision.allow());
    policy.see =
        (principal, event) -> event.topic().equals("b") ? Decision.allow() : RulesPolicy.no();
    policy.version.incrementAndGet();
    ends.subscription.request(10);
    stays.subscription.request(10);

    assertThat(ends.end()).isEqualTo(EndReason.FORBIDDEN);
    stays.awaitCount(1);
    settle(ACME);
    assertThat(ends.got).isEmpty();
    assertThat(stays.ids()).containsExactly("b1");
  }

  @Test
  void role_removedFromAnIdleSubscriber_endsItWithinASecond() {
    Reader idle = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    policy.subscribe = (principal, topics) -> Future.succeededFuture(RulesPolicy.no());
    long begin = System.nanoTime();
    policy.version.incrementAndGet();

    assertThat(idle.end()).isEqualTo(EndReason.FORBIDDEN);
    assertThat(System.nanoTime() - begin).isLessThan(IN_TIME);
  }

  @Test
  void policy_thatIsDownSlowThrowingOrNullAtSubscribe_meansNo() {
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    SubscriptionRequest request = SubscriptionRequest.of(">");

    policy.subscribe = (principal, topics) -> Future.failedFuture("the store is down");
    assertThat(Reader.refused(ann, request).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    policy.subscribe = (principal, topics) -> Promise.<Decision>promise().future();
    assertThat(Reader.refused(ann, request).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    policy.subscribe =
        (principal, topics) -> {
          throw new IllegalStateException("s3cret");
        };
    assertThat(Reader.refused(ann, request).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    policy.subscribe = (principal, topics) -> null;
    assertThat(Reader.refused(ann, request).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    policy.subscribe = (principal, topics) -> Future.succeededFuture(null);
    assertThat(Reader.refused(ann, request).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    policy.subscribe = (principal, topics) -> Future.succeededFuture(Decision.abstain());
    assertThat(Reader.refused(ann, request).code()).isEqualTo(Refusal.Code.FORBIDDEN);
    assertThat(hub.stats().subscriptions()).isZero();
    assertThat(audit.events().toString()).doesNotContain("s3cret");
  }

  @Test
  void policy_thatThrowsIsNullOrAbstainsForAnEvent_meansNoForThatEventAlone() {
    policy.see =
        (principal, event) ->
            switch (event.topic()) {
              case "throws" -> throw new IllegalStateException("no");
              case "null" -> null;
              case "abstains" -> Decision.abstain();
              default -> Decision.allow();
            };
    policy.mask = (principal, event) -> event.topic().equals("nomask") ? null : Mask.none();
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann"), ">");

    for (String topic : List.of("throws", "null", "abstains", "nomask", "fine")) {
      publish(ACME, topic, topic);
    }

    reader.awaitCount(1);
    assertThat(reader.ids()).containsExactly("fine");
    assertThat(count(Count.UNDECIDED)).isEqualTo(3);
    assertThat(count(Count.DENIED)).isEqualTo(1);
  }

  @Test
  void policy_thatIsDownWhenAskedAgain_endsTheStream() {
    Reader reader = Reader.idle(hub, Callers.of(ACME, "ann"), SubscriptionRequest.of(">"));
    publish(ACME, "a", "queued");
    settle(ACME);
    policy.subscribe = (principal, topics) -> Promise.<Decision>promise().future();
    policy.version.incrementAndGet();
    reader.subscription.request(10);

    assertThat(reader.end()).isEqualTo(EndReason.UNAVAILABLE);
    assertThat(reader.got).isEmpty();
  }

  @Test
  void policy_whoseVersionCannotBeRead_showsNothing() {
    EventHub over =
        settings()
            .policy(
                new EventPolicy() {
                  @Override
                  public long version() {
                    throw new IllegalStateException("down");
                  }

                  @Override
                  public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
                    return Future.succeededFuture(Decision.allow());
                  }

                  @Override
                  public Decision maySee(Principal principal, EventFacts event) {
                    return Decision.allow();
                  }
                })
            .build();
    EventConnection ann = Reader.connect(over, Callers.of(ACME, "ann"));

    assertThat(Reader.refused(ann, SubscriptionRequest.of(">")).code())
        .isEqualTo(Refusal.Code.UNAVAILABLE);
    Await.get(over.close());
  }

  @Test
  void hub_thatCloses_endsEverybodyAndLetsNobodyIn() {
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann"), ">");

    Await.get(hub.close());

    assertThat(reader.end()).isEqualTo(EndReason.SHUTDOWN);
    assertThat(refused(Callers.of(ACME, "ann"))).isEqualTo(Refusal.Code.CLOSED);
    assertThat(refused(Event.builder("a").tenant(ACME).build())).isEqualTo(Refusal.Code.CLOSED);
  }
}
