package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Admission;
import dev.gatehouse.events.CursorKeys;
import dev.gatehouse.events.Delivery;
import dev.gatehouse.events.EndReason;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventConnection;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventPolicy;
import dev.gatehouse.events.Subscribed;
import dev.gatehouse.events.Subscription;
import dev.gatehouse.events.SubscriptionRequest;
import dev.gatehouse.testkit.TcpProxy;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on one Redis, which is restarted and cut off while events are published. */
class RedisEventLogFaultTest {
  private static final TenantId ACME = TenantId.of("acme");
  private static final TenantId GLOBEX = TenantId.of("globex");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  // A second is the promise; the rest is for a machine that has others to serve.
  private static final Duration IN_TIME = Duration.ofSeconds(10);
  private static final SecretSource KEYS =
      SecretSource.of(Secret.of("cursors", "0123456789abcdef0123456789abcdef"));

  @TempDir private Path folder;
  private RedisProcess redis;
  private TcpProxy network;
  private Node here;
  private Node there;

  /** A node whose way to Redis may be cut. */
  private static final class Node implements AutoCloseable {
    final RedisNode redis;
    final KillSwitch switches = KillSwitch.create(InstantSource.system());
    final EventHub hub;
    final KillSwitch.Panel panel;

    Node(RedisNode redis, boolean durable) {
      this.redis = redis;
      RedisEventLog.Builder log = redis.store().eventLog();
      hub =
          EventHub.builder(redis.vertx())
              .log(Await.get((durable ? log.restartsLoseNothing() : log).open()))
              .policy(EventPolicy.everyoneOfTheTenant())
              .killSwitch(switches)
              .cursors(CursorKeys.load(KEYS))
              .build();
      panel = Await.get(redis.store().killSwitches(switches));
    }

    @Override
    public void close() {
      Await.get(hub.close());
      redis.close();
    }
  }

  /** Notes ids, gaps and the end. */
  private static final class Subscriber {
    final List<String> got = new CopyOnWriteArrayList<>();
    final List<Delivery.Gap> gaps = new CopyOnWriteArrayList<>();
    final EventConnection connection;
    final Subscription subscription;
    volatile String cursor;
    volatile long lastNanos;

    Subscriber(Node node, TenantId tenant, SubscriptionRequest request) {
      Principal principal =
          Principal.vouchedBy("test", Principal.Kind.USER, "ann").tenant(tenant).build();
      connection = ((Admission.Admitted) node.hub.admit(principal)).connection();
      Subscribed answer = Await.get(connection.subscribe(request));
      subscription = ((Subscribed.Open) answer).subscription();
      cursor = subscription.startCursor();
      subscription.handler(batch -> batch.forEach(this::take)).request(Long.MAX_VALUE);
    }

    private void take(Delivery delivery) {
      if (delivery instanceof Delivery.Message message) {
        got.add(message.event().id());
        lastNanos = System.nanoTime();
      } else if (delivery instanceof Delivery.Gap gap) {
        gaps.add(gap);
      }
      cursor = delivery.cursor();
    }
  }

  /** Publishes until it is told to stop, and notes what was accepted. */
  private static final class Load {
    final List<String> accepted = new CopyOnWriteArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Node node;
    private final TenantId tenant;
    private volatile boolean done;
    private int next;

    Load(Node node, TenantId tenant) {
      this.node = node;
      this.tenant = tenant;
      publish();
    }

    private void publish() {
      if (stopped.get()) {
        done = true;
        return;
      }
      String id = tenant + "-" + next++;
      Event event = Event.of(tenant, "orders.paid", new JsonObject()).toBuilder().id(id).build();
      node.hub
          .publish(event)
          .onComplete(
              answer -> {
                if (answer.succeeded() && answer.result().isAccepted()) {
                  accepted.add(id);
                }
                node.redis.vertx().setTimer(2, later -> publish());
              });
    }

    void awaitMore(int count) {
      int wanted = accepted.size() + count;
      Await.until("more is accepted", PATIENCE, () -> accepted.size() >= wanted);
    }

    void stop() {
      stopped.set(true);
      Await.until("the load ends", PATIENCE, () -> done);
    }
  }

  @BeforeEach
  void start() {
    redis = RedisProcess.in(folder);
    network = TcpProxy.to(redis.port());
  }

  private void open(boolean durable) {
    open(durable, RedisNode.at(network.port()));
  }

  private void open(boolean durable, RedisNode far) {
    here = new Node(RedisNode.at(redis.port()), durable);
    there = new Node(far, durable);
  }

  @AfterEach
  void stop() {
    network.heal();
    here.close();
    there.close();
    network.close();
    redis.close();
  }

  private static SubscriptionRequest orders() {
    return SubscriptionRequest.of("orders.*");
  }

  private static void awaitAll(Subscriber subscriber, Load load) {
    Await.until(
        "all that was accepted came to " + subscriber.got.size() + " of " + load.accepted.size(),
        PATIENCE,
        () -> subscriber.got.containsAll(load.accepted));
  }

  // What was appended without its publisher hearing of it comes too, and maybe last of all.
  private static void awaitSame(Subscriber one, Subscriber other) {
    Await.until("both have as many", PATIENCE, () -> one.got.size() == other.got.size());
  }

  @Test
  void redis_restartedUnderLoad_losesNothingThatWasAccepted() {
    open(true);
    Subscriber near = new Subscriber(here, ACME, orders());
    Subscriber far = new Subscriber(there, ACME, orders());
    Subscriber foreign = new Subscriber(there, GLOBEX, orders());
    Load load = new Load(here, ACME);
    load.awaitMore(50);

    redis.kill();
    redis.start();
    load.awaitMore(50);
    redis.kill();
    redis.start();
    load.awaitMore(50);
    load.stop();

    awaitAll(near, load);
    awaitAll(far, load);
    awaitSame(near, far);
    assertThat(near.got).doesNotHaveDuplicates();
    assertThat(far.got).containsExactlyElementsOf(near.got);
    assertThat(near.gaps).isEmpty();
    assertThat(far.gaps).isEmpty();
    assertThat(foreign.got).isEmpty();
  }

  @Test
  void redis_restartedWhereThatMayLoseSomething_marksAGap() {
    open(false);
    Subscriber near = new Subscriber(here, ACME, orders());
    Load load = new Load(here, ACME);
    load.awaitMore(20);

    redis.kill();
    redis.start();
    load.awaitMore(20);
    load.stop();

    awaitAll(near, load);
    assertThat(near.gaps).hasSize(1);
    assertThat(near.gaps.get(0).reason()).isEqualTo(Delivery.GapReason.LOG);
  }

  @Test
  void node_partitionedUnderLoad_getsAllOfItAfterwardsInOrder() {
    // Its answers are given up while the network is silent: the load goes on for longer.
    open(true, RedisNode.at(network.port(), Duration.ofSeconds(1)));
    Subscriber near = new Subscriber(here, ACME, orders());
    Subscriber far = new Subscriber(there, ACME, orders());
    Load load = new Load(here, ACME);
    load.awaitMore(20);

    network.blackhole();
    load.awaitMore(600);
    network.heal();
    load.awaitMore(20);
    load.stop();

    awaitAll(near, load);
    awaitAll(far, load);
    awaitSame(near, far);
    assertThat(far.got).containsExactlyElementsOf(near.got);
    assertThat(far.gaps).isEmpty();
  }

  @Test
  void node_cutOff_getsAllOfItAfterwards() {
    open(true);
    Subscriber far = new Subscriber(there, ACME, orders());
    Load load = new Load(here, ACME);
    load.awaitMore(20);

    network.cut();
    load.awaitMore(100);
    network.heal();
    load.awaitMore(20);
    load.stop();

    awaitAll(far, load);
    assertThat(far.got).doesNotHaveDuplicates();
    assertThat(far.gaps).isEmpty();
  }

  @Test
  void subscription_movedToAnotherNodeByItsCursor_missesAndRepeatsNothing() {
    open(true);
    Load load = new Load(here, ACME);
    Subscriber first = new Subscriber(here, ACME, orders());
    load.awaitMore(50);
    Await.until("some came", PATIENCE, () -> first.got.size() > 20);
    first.subscription.close();
    Await.get(first.subscription.ended());
    load.awaitMore(50);

    Subscriber second = new Subscriber(there, ACME, orders().from(first.cursor));
    load.awaitMore(50);
    load.stop();

    String last = load.accepted.get(load.accepted.size() - 1);
    Await.until("the last came", PATIENCE, () -> second.got.contains(last));
    assertThat(second.gaps).isEmpty();
    assertThat(second.got).doesNotContainAnyElementsOf(first.got);
    int from = load.accepted.indexOf(first.got.get(first.got.size() - 1)) + 1;
    assertThat(second.got)
        .containsExactlyElementsOf(load.accepted.subList(from, load.accepted.size()));
  }

  @Test
  void cursor_ofAnotherTenantOnAnotherNode_isUnknown() {
    open(true);
    Subscriber acme = new Subscriber(here, ACME, orders());
    Load load = new Load(here, ACME);
    load.awaitMore(10);
    load.stop();
    awaitAll(acme, load);

    Subscriber globex = new Subscriber(there, GLOBEX, orders().from(acme.cursor));

    Await.until("the gap came", PATIENCE, () -> !globex.gaps.isEmpty());
    assertThat(globex.gaps.get(0).reason()).isEqualTo(Delivery.GapReason.UNKNOWN_CURSOR);
    assertThat(globex.got).isEmpty();
  }

  @Test
  void killSwitch_engagedOnOneNode_endsTheOthersSubscriptionsWithinASecond() {
    open(true);
    Subscriber near = new Subscriber(here, ACME, orders());
    Subscriber far = new Subscriber(there, ACME, orders());
    Subscriber foreign = new Subscriber(there, GLOBEX, orders());
    Load load = new Load(here, ACME);
    Load others = new Load(there, GLOBEX);
    load.awaitMore(50);

    long begun = System.nanoTime();
    Await.get(here.panel.engage(KillSwitch.Kind.TENANT, "acme", "test"));
    Future<EndReason> nearEnd = near.subscription.ended();
    Future<EndReason> farEnd = far.subscription.ended();

    assertThat(Await.get(nearEnd)).isEqualTo(EndReason.CREDENTIALS_REVOKED);
    assertThat(Await.get(farEnd)).isEqualTo(EndReason.CREDENTIALS_REVOKED);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(IN_TIME);
    assertThat(Duration.ofNanos(Math.max(near.lastNanos, far.lastNanos) - begun))
        .isLessThan(IN_TIME);
    others.awaitMore(20);
    load.stop();
    others.stop();
    awaitAll(foreign, others);
  }
}
