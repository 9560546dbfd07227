package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.KillSwitch.Kind;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.LeakModel.Happening;
import dev.gatehouse.events.LeakModel.Rights;
import dev.gatehouse.events.LeakModel.Wish;
import dev.gatehouse.events.filter.Filter;
import dev.gatehouse.events.filter.FilterModel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A hub, the model beside it, and people who do whatever comes into their heads. */
final class LeakWorld {
  private static final List<String> TENANTS =
      List.of("acme", "acme2", "ACME", "globex", "g", "initech", "hooli", "x");
  private static final List<String> USERS = List.of("ann", "bob", "cid", "dee");
  private static final List<String> TOPICS =
      List.of(
          "orders.paid", "orders.sent", "orders.eu.paid", "stock", "stock.low", "news", "news.x");
  private static final List<String> PATTERNS =
      List.of(
          ">", "orders.>", "orders.*", "*.paid", "*", "stock", "news.>", "orders.*.paid", "*.>");

  /** A subscription, what it got, and what the model says that it should. */
  private static final class Watcher {
    private final Wish wish;
    private final Reader reader;
    private final List<String> expected = new ArrayList<>();
    // Behind which event of its tenant's history its cursor points.
    private int cursorAt;
    private String cursor;

    private Watcher(Wish wish, Reader reader, int cursorAt) {
      this.wish = wish;
      this.reader = reader;
      this.cursorAt = cursorAt;
      this.cursor = reader.subscription.startCursor();
    }
  }

  private record Left(Wish wish, String cursor, int cursorAt) {}

  private final Random random;
  private final MovableClock clock = new MovableClock();
  private final KillSwitch killSwitch = KillSwitch.create(clock);
  private final Vertx vertx = Vertx.vertx();
  private final LeakModel model = new LeakModel();
  private final Map<String, Rights> live = new ConcurrentHashMap<>();
  private final AtomicLong version = new AtomicLong();
  private final EventHub hub;
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<Left> left = new ArrayList<>();
  private final Map<String, Integer> indexOf = new HashMap<>();
  private int events;
  long delivered;
  long resumed;
  long ended;
  long stormy;

  LeakWorld(long seed) {
    this.random = new Random(seed);
    for (String tenant : TENANTS) {
      for (String user : USERS) {
        grant(tenant, user, Rights.random(random));
      }
    }
    this.hub =
        EventHub.builder(vertx)
            .log(
                MemoryEventLog.create(
                    new MemoryLogOptions()
                        .eventsPerTopic(1_000_000)
                        .bytesPerTopic(1L << 30)
                        .bytes(2L << 30),
                    clock))
            .policy(new Tables())
            .killSwitch(killSwitch)
            .clock(clock)
            .limits(
                EventLimits.builder()
                    .queue(100_000, 1 << 30)
                    .admissions(Rate.perSecond(1_000_000, 1_000_000))
                    .operations(Rate.perSecond(1_000_000, 1_000_000))
                    .replay(Rate.perSecond(100_000_000, 100_000_000))
                    .build())
            .build();
  }

  /** The model's tables as a policy. */
  private final class Tables implements EventPolicy {
    @Override
    public long version() {
      return version.get();
    }

    private Rights of(Principal principal) {
      return live.get(principal.tenant().orElseThrow() + " " + principal.id());
    }

    @Override
    public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
      return Future.succeededFuture(decision(of(principal).subscribes()));
    }

    @Override
    public Decision maySee(Principal principal, EventFacts event) {
      Rights rights = of(principal);
      if (!rights.roots().contains(event.topic().split("\\.", 2)[0])) {
        return decision(false);
      }
      return decision(
          rights.regions() < 2 || !event.text("region").filter("eu"::equals).isPresent());
    }

    @Override
    public Mask mask(Principal principal, EventFacts event) {
      return of(principal).showsA() ? Mask.none() : Mask.hiding("data.a");
    }

    private static Decision decision(boolean yes) {
      return yes ? Decision.allow() : Decision.deny("forbidden", "no");
    }
  }

  private void grant(String tenant, String user, Rights rights) {
    model.rights.put(tenant + " " + user, rights);
    live.put(tenant + " " + user, rights);
  }

  String summary() {
    return delivered
        + " deliveries, "
        + resumed
        + " resumed, "
        + events
        + " events, "
        + ended
        + " ended, "
        + stormy
        + " in storms to those who changed";
  }

  void close() {
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  /** Something changes, something is published, and then everything must be as the model says. */
  void phase() {
    for (int i = 0; i < 4; i++) {
      change();
    }
    int count = 20 + random.nextInt(150);
    for (int i = 0; i < count; i++) {
      publish();
    }
    settle();
  }

  /**
   * Rights change, subscribers come and go, all while events are published. Then whoever was left
   * alone has exactly its own, and nobody has what it may have neither by the old rights nor by the
   * new ones.
   */
  void storm() {
    release();
    settle();
    List<Event> batch = new ArrayList<>();
    List<Happening> happenings = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      draw(batch, happenings);
    }
    Map<String, Rights> before = new HashMap<>(model.rights);
    Set<Watcher> touched = new LinkedHashSet<>();
    Thread publisher = new Thread(() -> batch.forEach(event -> Await.get(hub.publish(event))));
    publisher.start();
    for (int i = 0; i < 6; i++) {
      disturb(touched);
    }
    join(publisher);
    happenings.forEach(this::happened);
    TENANTS.forEach(tenant -> Await.lane(hub, TenantId.of(tenant)));
    for (Watcher watcher : touched) {
      watchers.remove(watcher);
      harmless(watcher, before, happenings);
      watcher.reader.connection.close();
    }
    settle();
  }

  private void disturb(Set<Watcher> touched) {
    if (watchers.isEmpty()) {
      return;
    }
    Watcher watcher = any(watchers);
    Wish wish = watcher.wish;
    List<Watcher> likewise = watchers.stream().filter(each -> sameUser(each.wish, wish)).toList();
    if (likewise.stream().anyMatch(touched::contains)) {
      // One change a user, or there would be more than an old and a new state to compare with.
      return;
    }
    touched.addAll(likewise);
    switch (random.nextInt(3)) {
      case 0 -> watcher.reader.connection.close();
      case 1 ->
          hub.revoke(
              principal ->
                  principal.id().equals(wish.user())
                      && principal.tenant().orElseThrow().value().equals(wish.tenant()));
      default -> {
        grant(wish.tenant(), wish.user(), Rights.random(random));
        version.incrementAndGet();
      }
    }
  }

  private static boolean sameUser(Wish one, Wish other) {
    return one.tenant().equals(other.tenant()) && one.user().equals(other.user());
  }

  private void harmless(Watcher watcher, Map<String, Rights> before, List<Happening> happenings) {
    Map<String, Happening> byId = new HashMap<>();
    happenings.forEach(happening -> byId.put(happening.id(), happening));
    Wish wish = watcher.wish;
    Rights old = before.get(wish.tenant() + " " + wish.user());
    Rights fresh = model.rightsOf(wish.tenant(), wish.user());
    for (Delivery each : List.copyOf(watcher.reader.got)) {
      EventView event = ((Delivery.Message) each).event();
      Happening happening = byId.get(event.id());
      assertThat(LeakModel.isFor(wish, old, happening) || LeakModel.isFor(wish, fresh, happening))
          .as("%s got %s", wish, happening)
          .isTrue();
      boolean shows = event.data().bytes().toJsonObject().containsKey("a");
      assertThat(shows && !old.showsA() && !fresh.showsA()).isFalse();
      delivered++;
      stormy++;
    }
    assertThat(watcher.reader.ids()).doesNotHaveDuplicates();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void change() {
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> subscribe();
      case 4, 5 -> resume();
      case 6 -> leave();
      case 7 -> changeRights();
      case 8 -> stop();
      default -> release();
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private void subscribe() {
    if (watchers.size() > 90) {
      leave();
    }
    FilterModel filter =
        random.nextInt(3) == 0
            ? FilterModel.random(random, 2)
            : new FilterModel("exists(type)", event -> true);
    open(new Wish(any(TENANTS), any(USERS), any(PATTERNS), filter), null, 0);
  }

  /** By one's own cursor mostly, by somebody else's sometimes. */
  private void resume() {
    if (left.isEmpty()) {
      return;
    }
    Left mine = left.remove(random.nextInt(left.size()));
    if (random.nextInt(4) > 0 || left.isEmpty()) {
      open(mine.wish(), mine.cursor(), mine.cursorAt());
      return;
    }
    Left foreign = any(left);
    Wish one = mine.wish();
    Wish other = foreign.wish();
    boolean same =
        one.tenant().equals(other.tenant())
            && one.user().equals(other.user())
            && one.topics().equals(other.topics());
    open(one, foreign.cursor(), same ? foreign.cursorAt() : -1);
  }

  private void open(Wish wish, String cursor, int cursorAt) {
    Principal principal = Callers.of(TenantId.of(wish.tenant()), wish.user());
    Admission admission = hub.admit(principal);
    assertThat(admission instanceof Admission.Admitted)
        .isEqualTo(model.mayConnect(wish.tenant(), wish.user()));
    if (!(admission instanceof Admission.Admitted in)) {
      return;
    }
    SubscriptionRequest request =
        SubscriptionRequest.of(wish.topics()).filtered(Filter.parse(wish.filter().text()));
    request = cursor == null ? request : request.from(cursor);
    Subscribed answer = Await.get(in.connection().subscribe(request));
    assertThat(answer instanceof Subscribed.Open)
        .as("%s", wish)
        .isEqualTo(model.maySubscribe(wish));
    if (!(answer instanceof Subscribed.Open open)) {
      in.connection().close();
      return;
    }
    List<Happening> history = model.historyOf(wish.tenant());
    Watcher watcher =
        new Watcher(wish, Reader.over(in.connection(), open.subscription()), history.size());
    open.subscription().request(Long.MAX_VALUE);
    if (cursor != null && cursorAt < 0) {
      watcher.expected.add("gap");
    } else if (cursor != null) {
      Rights rights = model.rightsOf(wish.tenant(), wish.user());
      for (Happening event : history.subList(cursorAt, history.size())) {
        if (!model.isStopped(event.topic()) && LeakModel.isFor(wish, rights, event)) {
          watcher.expected.add(event.id());
          resumed++;
        }
      }
    }
    watchers.add(watcher);
    // What it resumes from is decided under the rights of this moment.
    settle();
  }

  private void leave() {
    if (!watchers.isEmpty()) {
      Watcher watcher = watchers.remove(random.nextInt(watchers.size()));
      watcher.reader.connection.close();
      left.add(new Left(watcher.wish, watcher.cursor, watcher.cursorAt));
      if (left.size() > 200) {
        left.remove(0);
      }
    }
  }

  private void changeRights() {
    String tenant = any(TENANTS);
    String user = any(USERS);
    settle();
    grant(tenant, user, Rights.random(random));
    version.incrementAndGet();
    settleEnds();
  }

  private void stop() {
    settle();
    switch (random.nextInt(6)) {
      case 0 -> {
        String tenant = any(TENANTS);
        model.stoppedTenants.add(tenant);
        killSwitch.engage(Kind.TENANT, tenant, "test");
      }
      case 1, 2 -> {
        String user = any(USERS);
        model.stoppedUsers.add(user);
        killSwitch.engage(Kind.PRINCIPAL, user, "test");
      }
      default -> {
        String topic = any(TOPICS);
        model.stoppedTopics.add(topic);
        killSwitch.engage(Kind.OPERATION, topic, "test");
      }
    }
    settleEnds();
    if (random.nextInt(3) > 0) {
      release();
    }
  }

  private void release() {
    model.stoppedTenants.forEach(name -> killSwitch.release(Kind.TENANT, name));
    model.stoppedUsers.forEach(name -> killSwitch.release(Kind.PRINCIPAL, name));
    model.stoppedTopics.forEach(name -> killSwitch.release(Kind.OPERATION, name));
    model.stoppedTenants.clear();
    model.stoppedUsers.clear();
    model.stoppedTopics.clear();
  }

  /** Those whom the model lets stay no longer have ended, and nobody else. */
  private void settleEnds() {
    for (Watcher watcher : List.copyOf(watchers)) {
      if (!model.maySubscribe(watcher.wish)) {
        watcher.reader.end();
        watchers.remove(watcher);
        watcher.reader.connection.close();
        left.add(new Left(watcher.wish, watcher.cursor, watcher.cursorAt));
        ended++;
      }
    }
    settle();
    watchers.forEach(
        watcher -> assertThat(watcher.reader.subscription.ended().isComplete()).isFalse());
  }

  private void publish() {
    List<Event> made = new ArrayList<>();
    List<Happening> happenings = new ArrayList<>();
    draw(made, happenings);
    Happening happening = happenings.get(0);
    Published answer = Await.get(hub.publish(made.get(0)));
    assertThat(answer.isAccepted()).isEqualTo(model.mayPublish(happening));
    if (answer.isAccepted()) {
      happened(happening);
    }
  }

  private void draw(List<Event> made, List<Happening> happenings) {
    String tenant = any(TENANTS);
    Map<String, Object> drawn = FilterModel.event(random);
    Map<String, Object> fields = new HashMap<>();
    Event.Builder event = Event.builder(any(TOPICS)).tenant(TenantId.of(tenant)).id("e" + events++);
    drawn.forEach((name, value) -> put(event, fields, name, value));
    JsonObject data = new JsonObject();
    drawn.forEach((name, value) -> putData(data, fields, name, value));
    Event whole = event.data(EventData.json(data)).build();
    made.add(whole);
    happenings.add(new Happening(whole.id(), tenant, whole.topic().name(), fields));
  }

  private void happened(Happening happening) {
    List<Happening> history = model.historyOf(happening.tenant());
    history.add(happening);
    indexOf.put(happening.id(), history.size());
    for (Watcher watcher : watchers) {
      Rights rights = model.rightsOf(watcher.wish.tenant(), watcher.wish.user());
      if (LeakModel.isFor(watcher.wish, rights, happening)) {
        watcher.expected.add(happening.id());
      }
    }
  }

  private static void put(
      Event.Builder event, Map<String, Object> fields, String name, Object value) {
    boolean text = value instanceof String written && !written.isEmpty();
    switch (name) {
      case "subject" -> {
        if (text) {
          event.subject((String) value);
          fields.put(name, value);
        }
      }
      case "region", "priority" -> {
        if (text) {
          event.attribute(name, (String) value);
        } else if (value instanceof Long number) {
          event.attribute(name, number);
        } else if (value instanceof Boolean flag) {
          event.attribute(name, flag);
        } else {
          return;
        }
        fields.put(name, value);
      }
      default -> {}
    }
  }

  private static void putData(
      JsonObject data, Map<String, Object> fields, String name, Object value) {
    if (!name.startsWith("data.")) {
      return;
    }
    fields.put(name, value);
    if (name.equals("data.b.c")) {
      data.put("b", new JsonObject().put("c", value));
    } else {
      data.put(name.substring(5), value);
    }
  }

  private void settle() {
    for (Watcher watcher : watchers) {
      Reader reader = watcher.reader;
      if (reader.got.size() < watcher.expected.size()) {
        Await.until(
            () ->
                "what the model expects of "
                    + watcher.wish
                    + ": "
                    + watcher.expected
                    + " and not "
                    + reader.ids()
                    + "; undecided "
                    + hub.stats().count(Count.UNDECIDED),
            () -> reader.got.size() >= watcher.expected.size());
      }
    }
    TENANTS.forEach(tenant -> Await.lane(hub, TenantId.of(tenant)));
    for (Watcher watcher : watchers) {
      check(watcher);
    }
  }

  private void check(Watcher watcher) {
    Reader reader = watcher.reader;
    Await.until("nothing queued", () -> reader.subscription.queued() == 0);
    List<Delivery> got = List.copyOf(reader.got);
    assertThat(reader.ids()).as("%s", watcher.wish).isEqualTo(watcher.expected);
    Rights rights = model.rightsOf(watcher.wish.tenant(), watcher.wish.user());
    for (Delivery each : got) {
      if (each instanceof Delivery.Message message) {
        EventView event = message.event();
        assertThat(event.tenant().value()).isEqualTo(watcher.wish.tenant());
        boolean shows = event.data().bytes().toJsonObject().containsKey("a");
        assertThat(shows && !rights.showsA()).isFalse();
        watcher.cursorAt = indexOf.get(event.id());
      }
      watcher.cursor = each.cursor();
    }
    delivered += got.size();
    reader.got.clear();
    watcher.expected.clear();
  }
}
