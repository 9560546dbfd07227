package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.PolicyDesk.Answer;
import dev.gatehouse.events.Refusal.Code;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One caller's connection, and all that it subscribes to: of the tenant of its credential, and as
 * long as that credential is good.
 *
 * <p>It ends, with all of its subscriptions, when the credential expires, when the principal is
 * revoked or a kill switch of it or its tenant is engaged; within a second, and with what is queued
 * thrown away. Safe for any thread.
 */
public final class EventConnection {
  private final HubState hub;
  private final Lane lane;
  private final TenantId tenant;
  private final Occupancy.Caller caller;
  private final Promise<EndReason> ended;
  private final AtomicReference<@Nullable EndReason> reason = new AtomicReference<>();
  private volatile Principal principal;

  // On the lane only.
  private final Set<Member> members = new LinkedHashSet<>();
  private int opening;

  EventConnection(HubState hub, TenantId tenant, Principal principal, ContextInternal context) {
    this.hub = hub;
    this.tenant = tenant;
    this.principal = principal;
    this.caller = Occupancy.Caller.of(tenant, principal);
    this.lane = hub.lane(tenant);
    this.ended = context.promise();
  }

  /** The tenant of all that is subscribed to here. */
  public TenantId tenant() {
    return tenant;
  }

  /** The credential's owner, as last presented. */
  public Principal principal() {
    return principal;
  }

  Occupancy.Caller caller() {
    return caller;
  }

  /** Completes once the connection has ended, and must be closed. */
  public Future<EndReason> ended() {
    return ended.future();
  }

  /** Whether it has ended. */
  public boolean isEnded() {
    return reason.get() != null;
  }

  /**
   * Subscribes to topics of this connection's tenant.
   *
   * <p>The future completes on the caller's context, which becomes the subscription's. It does not
   * fail.
   */
  public Future<Subscribed> subscribe(SubscriptionRequest request) {
    ContextInternal context = hub.vertx().getOrCreateContext();
    Opening opened = new Opening(request, context, context.promise());
    // Before it becomes work for the lane: a flood must not queue up there.
    Optional<Duration> wait = hub.operates(caller);
    if (wait.isPresent()) {
      opened.refuse(Refusal.later(Code.RATE_LIMITED, "too many operations", wait.get()));
    } else {
      lane.execute(opened::begin);
    }
    return opened.answer.future();
  }

  /**
   * Presents a fresh credential of the same principal: from now on its expiry, scopes and claims
   * count. Nothing is delivered until the policy has let it subscribe again.
   *
   * @return allowed, or denied with a code of {@link Code}; a denial leaves the old credential
   */
  public Future<Decision> refresh(Principal fresh) {
    ContextInternal context = hub.vertx().getOrCreateContext();
    Promise<Decision> answer = context.promise();
    lane.execute(() -> answer.complete(refreshed(fresh)));
    return answer.future();
  }

  private Decision refreshed(Principal fresh) {
    Refusal refusal = refusalOf(fresh);
    if (refusal != null) {
      return Decision.deny(refusal.code().code(), refusal.message());
    }
    // Those that wait are held first, so that nothing is handed out between the two credentials.
    members.forEach(Member::hold);
    principal = fresh;
    members.forEach(Member::askAgain);
    return Decision.allow();
  }

  private @Nullable Refusal refusalOf(Principal fresh) {
    Principal known = principal;
    boolean same =
        fresh.id().equals(known.id())
            && fresh.kind() == known.kind()
            && fresh.voucher().equals(known.voucher())
            && fresh.tenant().filter(tenant::equals).isPresent();
    if (!same) {
      return Refusal.of(Code.OTHER_PRINCIPAL, "the credential is another principal's");
    }
    if (isEnded()) {
      return closed();
    }
    Optional<Duration> wait = hub.operates(caller);
    if (wait.isPresent()) {
      return Refusal.later(Code.RATE_LIMITED, "too many operations", wait.get());
    }
    return refusalOf(hub.verdict(tenant, fresh));
  }

  static @Nullable Refusal refusalOf(@Nullable EndReason verdict) {
    if (verdict == null) {
      return null;
    }
    return switch (verdict) {
      case CREDENTIALS_EXPIRED ->
          Refusal.of(Code.CREDENTIALS_EXPIRED, "the credential's time is over");
      case CREDENTIALS_REVOKED -> Refusal.of(Code.STOPPED, "this principal or tenant is stopped");
      default -> closed();
    };
  }

  private static Refusal closed() {
    return Refusal.of(Code.CLOSED, "the connection is closed");
  }

  /** Ends the connection and its subscriptions: the caller is gone. */
  public void close() {
    end(EndReason.COMPLETED);
  }

  /** Why the credential is no longer good, if so. */
  @Nullable EndReason verdict() {
    EndReason over = reason.get();
    return over != null ? over : hub.verdict(tenant, principal);
  }

  /** Ends it for that reason, unless it has ended. Safe for any thread. */
  void end(EndReason why) {
    if (reason.compareAndSet(null, why)) {
      lane.execute(this::ending);
    }
  }

  private void ending() {
    EndReason why = reason.get();
    if (why == null) {
      return;
    }
    Set.copyOf(members).forEach(member -> member.end(why));
    lane.closed(this);
    hub.connections().giveBack(caller);
    ended.complete(why);
  }

  // Below: on the lane only.

  void opened() {
    lane.opened(this);
  }

  void left(Member member) {
    members.remove(member);
  }

  /** Ends it if it may live no longer; asks anew where the policy or the switches have changed. */
  void catchUp() {
    EndReason why = verdict();
    if (why != null) {
      end(why);
      return;
    }
    members.forEach(lane::catchUp);
  }

  /** A subscription that is being opened: every answer on the way may be no. */
  private final class Opening {
    private final SubscriptionRequest request;
    private final ContextInternal context;
    private final Promise<Subscribed> answer;

    private Opening(
        SubscriptionRequest request, ContextInternal context, Promise<Subscribed> answer) {
      this.request = request;
      this.context = context;
      this.answer = answer;
    }

    private void begin() {
      Refusal refusal = refusal();
      if (refusal == null
          && members.size() + opening >= hub.limits().subscriptionsPerConnection()) {
        refusal = tooMany("this connection has");
      }
      if (refusal == null && !hub.subscriptions().take(caller)) {
        refusal = tooMany("there are");
      }
      if (refusal != null) {
        refuse(refusal);
        return;
      }
      opening++;
      ask();
    }

    private Refusal tooMany(String who) {
      return Refusal.of(Code.TOO_MANY_SUBSCRIPTIONS, who + " as many subscriptions as may be");
    }

    private @Nullable Refusal refusal() {
      Refusal refusal = refusalOf(verdict());
      if (refusal == null && hub.stopped().covers(request.topics())) {
        return Refusal.of(Code.STOPPED, "these topics are stopped");
      }
      return refusal;
    }

    private void ask() {
      Principal asked = principal;
      long version = hub.desk().version();
      hub.desk()
          .maySubscribe(tenant, asked, request.topics())
          .onComplete(done -> lane.execute(() -> answered(asked, version, done.result())));
    }

    private void answered(Principal asked, long version, Answer said) {
      Refusal refusal = refusal();
      if (refusal == null && said == Answer.NO) {
        refusal = Refusal.of(Code.FORBIDDEN, "these topics are not for this principal");
      }
      if (refusal == null && (said != Answer.YES || version == PolicyDesk.NO_VERSION)) {
        refusal = unavailable();
      }
      if (refusal != null) {
        giveUp(refusal);
        return;
      }
      TenantShard shard = lane.shard(tenant);
      shard.whenReady(ready -> join(shard, ready, asked, version));
    }

    private void join(TenantShard shard, boolean ready, Principal asked, long version) {
      Refusal refusal = ready ? refusal() : unavailable();
      if (refusal != null) {
        giveUp(refusal);
        shard.closeIfUnused();
        return;
      }
      opening--;
      Member member =
          new Member(hub, shard, EventConnection.this, request, asked, version, context);
      members.add(member);
      shard.join(member);
      if (asked != principal) {
        member.askAgain();
      } else {
        member.catchUp();
      }
      hub.subscribed(EventConnection.this, request.topics(), null);
      answer.complete(new Subscribed.Open(member.subscription()));
    }

    private Refusal unavailable() {
      return Refusal.later(Code.UNAVAILABLE, "this cannot be decided now", Duration.ofSeconds(1));
    }

    private void giveUp(Refusal refusal) {
      opening--;
      hub.subscriptions().giveBack(caller);
      refuse(refusal);
    }

    private void refuse(Refusal refusal) {
      hub.subscribed(EventConnection.this, request.topics(), refusal);
      answer.complete(new Subscribed.Refused(refusal));
    }
  }
}
