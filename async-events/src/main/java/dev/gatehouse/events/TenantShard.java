package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Delivery.GapReason;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tenant's subscriptions, and the reading of that tenant's log for them.
 *
 * <p>Isolation is here: a shard reads the log of its own tenant, finds subscriptions in an index of
 * its own, and holds no way to another shard. An event of another tenant cannot be met in it; that
 * none is handed to it by a faulty log is checked where the log is read.
 *
 * <p>All subscriptions that are live see the log's entries in their order, at one pace. One that
 * resumes reads the log by itself until it has what the live ones have, and then joins them behind
 * exactly that entry: nothing comes twice, and nothing is left out. On the lane only.
 */
final class TenantShard {
  private static final Logger LOG = LoggerFactory.getLogger(TenantShard.class);
  private static final TopicPattern EVERYTHING = TopicPattern.of(">");
  private static final int PAGE = 256;
  private static final long PAGE_BYTES = 1 << 20;
  private static final long RETRY_MILLIS = 250;

  private final HubState hub;
  private final Lane lane;
  private final TenantId tenant;
  private final TenantIndex<Member> index = new TenantIndex<>();
  private final Set<Member> members = new LinkedHashSet<>();
  private final AtomicBoolean dirty = new AtomicBoolean();

  private EventLog.@Nullable Following following;
  private @Nullable List<Consumer<Boolean>> waiting = new ArrayList<>();
  private boolean closed;
  private boolean inRound;

  private final Deque<LogEntry> page = new ArrayDeque<>();
  private Position matched = Position.START;
  private Position beforeMatched = Position.START;
  private Position read = Position.START;
  private boolean more;
  private boolean reading;
  private @Nullable Fanout fanout;
  // A set: a tenant's thousands may all be replayed at once, and leave at once.
  private final Set<Member> replays = new LinkedHashSet<>();

  TenantShard(HubState hub, Lane lane, TenantId tenant) {
    this.hub = hub;
    this.lane = lane;
    this.tenant = tenant;
  }

  TenantId tenant() {
    return tenant;
  }

  Lane lane() {
    return lane;
  }

  /** Up to here the log's entries were matched with the live subscriptions. */
  Position matched() {
    return matched;
  }

  /** Behind this comes, first of all, the entry that is being matched. */
  Position beforeMatched() {
    return beforeMatched;
  }

  void start() {
    try {
      // First follow, then ask for the end: what is appended between is after the end, and wakes.
      following = hub.log().follow(tenant, this::wake);
      hub.log().end(tenant).onComplete(done -> lane.execute(() -> started(done)));
    } catch (RuntimeException | Error e) {
      LOG.error("the event log cannot be followed", e);
      lane.execute(() -> failed());
    }
  }

  private void started(AsyncResult<Position> end) {
    if (end.failed()) {
      LOG.error("the event log's end cannot be read", end.cause());
      failed();
      return;
    }
    matched = end.result();
    read = matched;
    tellWaiting(true);
    closeIfUnused();
    // What woke us meanwhile found nothing to do, and will not wake us again.
    lane.activate(this);
  }

  private void failed() {
    close();
    tellWaiting(false);
  }

  private void tellWaiting(boolean ready) {
    List<Consumer<Boolean>> told = waiting == null ? List.of() : waiting;
    try {
      told.forEach(each -> each.accept(ready));
    } finally {
      // Not before: one that leaves at once must not close the shard that others are yet to join.
      waiting = null;
    }
  }

  /** Calls back once it is known where the log ends, or that this is not to be found out. */
  void whenReady(Consumer<Boolean> then) {
    if (waiting != null) {
      waiting.add(then);
    } else {
      then.accept(!closed);
    }
  }

  void join(Member member) {
    members.add(member);
    member.begin();
  }

  /** The member has all that was matched; it gets what follows. */
  void goLive(Member member) {
    if (matched.isAfter(member.behind())) {
      member.behind(matched);
    }
    member.live();
    index.add(member);
  }

  /** The member gets nothing live any more; once it may, it reads the log by itself. */
  void leaveLive(Member member) {
    index.remove(member);
  }

  void leave(Member member) {
    members.remove(member);
    replays.remove(member);
    if (!member.isReplaying()) {
      index.remove(member);
    }
    closeIfUnused();
  }

  void closeIfUnused() {
    if (members.isEmpty() && waiting == null) {
      close();
    }
  }

  private void close() {
    closed = true;
    lane.forget(this);
    if (following != null) {
      following.end();
    }
  }

  /** The log has more. Safe for any thread. */
  private void wake() {
    if (!dirty.getAndSet(true)) {
      lane.execute(() -> lane.activate(this));
    }
  }

  boolean entersTheRound() {
    boolean enters = !inRound && !closed;
    inRound |= enters;
    return enters;
  }

  void leftTheRound() {
    inRound = false;
  }

  boolean isBusy() {
    boolean readable = !reading && waiting == null && (more || dirty.get());
    return !closed && (fanout != null || !page.isEmpty() || readable || !replays.isEmpty());
  }

  /** Delivers for a while: about so many times. */
  void turn(int most) {
    int left = most;
    while (left > 0 && !closed && (fanout != null || !page.isEmpty() || fetch())) {
      left -= step(left);
    }
    Iterator<Member> next = replays.iterator();
    if (next.hasNext()) {
      Member member = next.next();
      next.remove();
      replayOn(member);
    }
  }

  private int step(int most) {
    if (fanout != null) {
      int done = fanout.advance(most);
      fanout = fanout.isOver() ? null : fanout;
      return Math.max(1, done);
    }
    LogEntry entry = page.poll();
    if (entry == null) {
      return 1;
    }
    beforeMatched = matched;
    matched = entry.position();
    fanout = fanoutOf(entry);
    return 1;
  }

  private @Nullable Fanout fanoutOf(LogEntry entry) {
    if (hub.stops(tenant, entry.event().topic())) {
      hub.counters().add(Count.STOPPED);
      return null;
    }
    List<Member> found = index.matching(entry.event());
    return found.isEmpty() ? null : new Fanout(hub, entry, found);
  }

  /** Reads the next page; false if there is none yet. */
  private boolean fetch() {
    if (reading || waiting != null) {
      return false;
    }
    boolean woken = dirty.getAndSet(false);
    if (!woken && !more) {
      return false;
    }
    more = false;
    reading = true;
    Future<LogPage> answer = readLog(EVERYTHING, read, PAGE, PAGE_BYTES);
    if (answer.isComplete()) {
      take(answer);
      return !page.isEmpty();
    }
    answer.onComplete(done -> lane.execute(() -> takeLater(answer)));
    return false;
  }

  private void takeLater(Future<LogPage> answer) {
    if (!closed) {
      take(answer);
      lane.activate(this);
    }
  }

  private void take(Future<LogPage> answer) {
    if (answer.failed()) {
      LOG.warn("the event log cannot be read; it is asked again", answer.cause());
      // Until then it counts as being read: whoever is woken meanwhile must not ask at once.
      hub.vertx().setTimer(RETRY_MILLIS, id -> lane.execute(this::readAgain));
      return;
    }
    LogPage fresh = answer.result();
    Losses losses = fresh.gap() ? askForLosses() : Losses.none();
    if (losses.areKnown()) {
      take(fresh, losses);
      return;
    }
    // Meanwhile it counts as being read: the marks come before what is in the page.
    losses.whenKnown(() -> lane.execute(() -> takeLater(fresh, losses)));
  }

  private Losses askForLosses() {
    return Losses.ask(
        hub.log(),
        tenant,
        read,
        members.stream().filter(m -> !m.isReplaying()).map(Member::topics));
  }

  private void takeLater(LogPage fresh, Losses losses) {
    if (!closed) {
      take(fresh, losses);
      lane.activate(this);
    }
  }

  private void take(LogPage fresh, Losses losses) {
    reading = false;
    Position before = matched;
    members.stream()
        .filter(m -> !m.isReplaying() && losses.mayBeOf(m.topics()))
        .toList()
        .forEach(m -> m.mark(GapReason.LOG, before));
    fresh.entries().stream().filter(this::isOwn).forEach(page::add);
    read = fresh.upTo();
    more = fresh.more();
    if (page.isEmpty()) {
      matched = read;
    }
  }

  private void readAgain() {
    reading = false;
    dirty.set(true);
    lane.activate(this);
  }

  private Future<LogPage> readLog(TopicPattern topics, Position after, int entries, long bytes) {
    return hub.log().read(tenant, topics, after, entries, bytes);
  }

  // The log's promise, kept here too: whatever a log gives out, nothing of others comes in.
  private boolean isOwn(LogEntry entry) {
    boolean own = entry.event().tenant().filter(tenant::equals).isPresent();
    if (!own) {
      hub.foreignEntry();
    }
    return own;
  }

  /** Has the member read on from where it is, when its turn comes. */
  void replay(Member member) {
    replays.add(member);
    lane.activate(this);
  }

  private void replayOn(Member member) {
    if (member.isEnded() || member.isHeld()) {
      return;
    }
    if (!hub.mayReplay(member)) {
      stopReplay(member);
      return;
    }
    int room = member.queue().room();
    long bytes = member.queue().roomBytes();
    if (room == 0 || bytes == 0 || !member.queue().isLow()) {
      member.park();
      return;
    }
    Future<LogPage> answer =
        readLog(
            member.topics(), member.behind(), Math.min(room, PAGE), Math.min(bytes, PAGE_BYTES));
    if (answer.isComplete()) {
      replayed(member, answer);
      return;
    }
    int run = member.run();
    answer.onComplete(
        done ->
            lane.execute(
                () -> {
                  // An answer to an earlier reading, which was begun again since, is nobody's.
                  if (member.isReplaying(run)) {
                    replayed(member, answer);
                  }
                }));
  }

  private void replayed(Member member, Future<LogPage> answer) {
    // While the policy is asked nothing is taken; it is read again when it has answered.
    if (member.isEnded() || member.isHeld() || closed) {
      return;
    }
    if (answer.failed()) {
      int run = member.run();
      hub.vertx().setTimer(RETRY_MILLIS, id -> lane.execute(() -> retry(member, run)));
      return;
    }
    LogPage found = answer.result();
    if (found.gap()) {
      member.mark(GapReason.LOG, member.behind());
    }
    long version = hub.desk().version();
    if (!member.isApproved(version)) {
      member.askAgain();
      return;
    }
    boolean taken = give(member, found, version);
    member.subscription().wake();
    goOn(member, found, taken);
  }

  /** Whether the member took the whole page; a log may give more bytes than it was asked for. */
  private boolean give(Member member, LogPage found, long version) {
    long now = System.nanoTime();
    for (LogEntry entry : found.entries()) {
      if (isOwn(entry) && !member.replayed(entry, version, now)) {
        return false;
      }
      member.behind(entry.position());
    }
    member.behind(found.upTo());
    return true;
  }

  // A reading that was begun again since goes its own way; two would give everything twice.
  private void retry(Member member, int run) {
    if (!member.isEnded() && !member.isHeld() && member.isReplaying(run)) {
      replay(member);
    }
  }

  private void goOn(Member member, LogPage found, boolean taken) {
    boolean caughtUp = taken && !found.more() && !matched.isAfter(member.behind());
    boolean paid = found.scanned() < 2 || hub.paysForReplay(member, found.scanned() - 1);
    if (caughtUp) {
      goLive(member);
    } else if (paid) {
      replay(member);
    } else {
      stopReplay(member);
    }
  }

  private void stopReplay(Member member) {
    Position end = matched.isAfter(member.behind()) ? matched : member.behind();
    member.mark(GapReason.REPLAY_BUDGET, end);
    goLive(member);
  }
}
