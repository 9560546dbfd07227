package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import dev.gatehouse.events.Delivery.GapReason;
import dev.gatehouse.events.PolicyDesk.Answer;
import dev.gatehouse.events.filter.Filter;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as its tenant's lane sees it: what it wants, what it may see, and how far it is.
 *
 * <p>On the lane only, but for what its subscription calls, which is named so.
 */
final class Member extends TenantIndex.Entry {
  private final HubState hub;
  private final TenantShard shard;
  private final EventConnection connection;
  private final SubscriptionRequest request;
  private final OutboundQueue queue;
  private final Subscription subscription;
  private final byte[] binding;

  private Principal principal;
  private DecisionCache decisions;
  private boolean asking;
  private boolean ended;
  private boolean replaying;
  private int run;
  private Position behind;
  // Behind this come the events that wait undecided, if any do.
  private @Nullable Position decidedUpTo;
  // The version under which the policy let this principal subscribe; read by the context too.
  private volatile long approved;
  private volatile boolean held;
  private volatile boolean parked;
  private volatile StoppedTopics seen;

  Member(
      HubState hub,
      TenantShard shard,
      EventConnection connection,
      SubscriptionRequest request,
      Principal principal,
      long version,
      ContextInternal context) {
    this.hub = hub;
    this.shard = shard;
    this.connection = connection;
    this.request = request;
    this.principal = principal;
    this.approved = version;
    this.seen = hub.stopped();
    this.decisions = shard.lane().decisions().take(principal);
    this.behind = shard.matched();
    this.binding = CursorKeys.binding(shard.tenant(), principal, request.topics());
    EventLimits limits = hub.limits();
    this.queue = new OutboundQueue(limits.queuedEvents(), limits.queuedBytes(), this::seal);
    this.subscription =
        new Subscription(this, queue, context, hub.loops().take(context), seal(behind));
  }

  private String seal(Position position) {
    return hub.cursors().seal(binding, position, hub.now());
  }

  @Override
  TopicPattern topics() {
    return request.topics();
  }

  @Override
  Filter filter() {
    return request.filter();
  }

  Subscription subscription() {
    return subscription;
  }

  OutboundQueue queue() {
    return queue;
  }

  EventConnection connection() {
    return connection;
  }

  Principal principal() {
    return principal;
  }

  boolean isEnded() {
    return ended;
  }

  boolean isHeld() {
    return held;
  }

  boolean isReplaying() {
    return replaying;
  }

  /** Whether it is being replayed, and was not begun anew since that run. */
  boolean isReplaying(int run) {
    return replaying && this.run == run;
  }

  /** Everything up to here was delivered, decided against, or is on its way from the log. */
  Position behind() {
    return behind;
  }

  void behind(Position position) {
    this.behind = position;
  }

  /** Begins where the cursor says, or with what is live. */
  void begin() {
    if (request.cursor().isEmpty()) {
      shard.goLive(this);
      return;
    }
    hub.cursors()
        .open(binding, request.cursor().get(), hub.now())
        .ifPresentOrElse(this::replayFrom, this::beginWithGap);
  }

  private void replayFrom(Position position) {
    behind = position;
    replaying = true;
    shard.replay(this);
  }

  private void beginWithGap() {
    mark(GapReason.UNKNOWN_CURSOR, behind);
    shard.goLive(this);
  }

  void live() {
    replaying = false;
  }

  /** The replay waits until the subscriber has taken some of what is queued. */
  void park() {
    parked = true;
    // It may have taken some between the look at the queue and this; then nobody else would wake
    // us.
    resumeIfLow();
  }

  private void resumeIfLow() {
    if (queue.isLow()) {
      resumeReplay();
    }
  }

  void mark(GapReason reason, Position at) {
    queue.mark(reason, -1, at);
    hub.counters().add(Count.GAPS);
    subscription.wake();
  }

  /**
   * An event that this subscription asks for by topic.
   *
   * @param version the policy's version at this event
   */
  void meet(LogEntry entry, Views views, TopicDeclaration declared, long version, long now) {
    if (ended || !entry.position().isAfter(behind)) {
      return;
    }
    if (!held && approved != version) {
      askAgain();
    }
    if (held) {
      offerUndecided(entry, declared);
      return;
    }
    EventView view = decide(entry, views, declared, version, now);
    if (view != null) {
      offer(entry, view, declared);
    }
  }

  /** What the subscriber gets of the event; null if nothing. */
  private @Nullable EventView decide(
      LogEntry entry, Views views, TopicDeclaration declared, long version, long now) {
    Ruling ruling = decisions.rule(entry.event(), version, now);
    if (!ruling.isSeen()) {
      hub.denied(this, entry.event(), declared, ruling);
      return null;
    }
    EventView view = views.of(ruling.mask());
    if (view == null) {
      hub.denied(this, entry.event(), declared, Ruling.broken("mask_failed"));
      return null;
    }
    if (!request.filter().matches(view)) {
      hub.counters().add(Count.FILTERED);
      return null;
    }
    return view;
  }

  // Those that may be hidden neither end it nor take the place of what it may see.
  private void offerUndecided(LogEntry entry, TopicDeclaration declared) {
    Position from = decidedUpTo == null ? shard.beforeMatched() : decidedUpTo;
    decidedUpTo = from;
    if (!queue.offerUndecided(entry, declared.overflow())) {
      shard.leaveLive(this);
      behind = from;
      replaying = true;
    }
  }

  private void offer(LogEntry entry, EventView view, TopicDeclaration declared) {
    // The key is read from what may be seen: whether two hidden keys are equal is nobody's
    // business.
    Object key = declared.keyOf(view);
    if (!queue.offer(entry, view, declared.overflow(), key)) {
      end(EndReason.SLOW_CONSUMER);
      return;
    }
    subscription.wake();
  }

  /**
   * An event of the past.
   *
   * @return false if there is no room for it yet; then it is to be replayed again
   */
  boolean replayed(LogEntry entry, long version, long now) {
    if (hub.stopped().stops(entry.event().topic())) {
      return true;
    }
    TopicDeclaration declared = hub.topics().of(entry.event().topic());
    EventView view = decide(entry, new Views(entry.event()), declared, version, now);
    if (view == null) {
      return true;
    }
    // Nothing is dropped while it is replayed: there is room, or the replay waits.
    if (!queue.offer(entry, view, Overflow.DISCONNECT, null)) {
      return false;
    }
    hub.counters().add(Count.REPLAYED);
    return true;
  }

  /** Whether the policy has changed since it let this principal in. */
  boolean isApproved(long version) {
    return approved == version;
  }

  /** Hands out nothing until the policy has been asked again. */
  void hold() {
    held = true;
    queue.hold();
  }

  /** Hands out nothing, and asks the policy again; for a fresh credential too. */
  void askAgain() {
    hold();
    if (asking || ended) {
      return;
    }
    asking = true;
    Principal asked = connection.principal();
    long version = hub.desk().version();
    hub.desk()
        .maySubscribe(shard.tenant(), asked, request.topics())
        .onComplete(done -> shard.lane().execute(() -> answered(asked, version, done.result())));
  }

  private void answered(Principal asked, long version, Answer answer) {
    asking = false;
    if (ended) {
      return;
    }
    if (asked != connection.principal() || version != hub.desk().version()) {
      askAgain();
      return;
    }
    if (answer != Answer.YES || version == PolicyDesk.NO_VERSION) {
      end(answer == Answer.NO ? EndReason.FORBIDDEN : EndReason.UNAVAILABLE);
      return;
    }
    approve(asked, version);
  }

  private void approve(Principal asked, long version) {
    DecisionCache fresh = shard.lane().decisions().take(asked);
    shard.lane().decisions().giveBack(principal);
    decisions = fresh;
    principal = asked;
    approved = version;
    held = false;
    decidedUpTo = null;
    long now = System.nanoTime();
    queue.decideAgain(entry -> decideAgain(entry, version, now));
    subscription.wake();
    if (replaying) {
      parked = false;
      run++;
      shard.replay(this);
    }
  }

  /** How often the replay was begun anew. */
  int run() {
    return run;
  }

  private @Nullable EventView decideAgain(LogEntry entry, long version, long now) {
    if (hub.stopped().stops(entry.event().topic())) {
      return null;
    }
    TopicDeclaration declared = hub.topics().of(entry.event().topic());
    return decide(entry, new Views(entry.event()), declared, version, now);
  }

  /** Throws out of the queue what a kill switch stops now. */
  void purgeStopped() {
    StoppedTopics now = hub.stopped();
    // Before it says that it knows: the subscription's own thread would hand out what is queued.
    queue.hold();
    seen = now;
    if (now.covers(request.topics())) {
      end(EndReason.STOPPED);
    } else if (!held) {
      long version = approved;
      long time = System.nanoTime();
      queue.decideAgain(entry -> decideAgain(entry, version, time));
      subscription.wake();
      // What was thrown out is not handed out, and may be all that the replay waited for.
      resumeIfLow();
    }
  }

  void end(EndReason reason) {
    if (ended) {
      return;
    }
    ended = true;
    queue.close();
    shard.leave(this);
    shard.lane().decisions().giveBack(principal);
    hub.loops().giveBack(subscription.loop());
    connection.left(this);
    hub.ended(this, reason);
    subscription.finish(reason);
  }

  // Below: called by the subscription, on its own context.

  void endSoon(EndReason reason) {
    shard.lane().execute(() -> end(reason));
  }

  /** Whether credential, switches and policy are those that the queue was filled under. */
  boolean mayHandOut() {
    EndReason reason = connection.verdict();
    if (reason != null) {
      queue.close();
      connection.end(reason);
      return false;
    }
    if (!isCurrent()) {
      shard.lane().execute(() -> shard.lane().catchUp(this));
      return false;
    }
    return true;
  }

  boolean isCurrent() {
    return !held && seen == hub.stopped() && approved == hub.desk().version();
  }

  /** Does what has become necessary since the queue was filled. */
  void catchUp() {
    if (ended) {
      return;
    }
    if (seen != hub.stopped()) {
      purgeStopped();
    }
    if (!ended && !held && !isApproved(hub.desk().version())) {
      askAgain();
    }
    // A drain that found a change which has gone again would wait for ever.
    subscription.wake();
  }

  void handedOut(List<Delivery> batch) {
    for (Delivery each : batch) {
      hub.delivered(this, each);
    }
    if (parked && queue.isLow()) {
      shard.lane().execute(this::resumeReplay);
    }
  }

  private void resumeReplay() {
    if (parked && replaying && !ended && !held) {
      parked = false;
      shard.replay(this);
    }
  }
}
