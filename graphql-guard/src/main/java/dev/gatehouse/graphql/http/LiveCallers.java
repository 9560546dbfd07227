package dev.gatehouse.graphql.http;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import io.vertx.core.Context;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Those whose sockets and event streams are open: a credential that expires, or that somebody
 * stops, ends them within a second.
 */
final class LiveCallers {
  /** A timer may not trust that the clock goes on as it did. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private final InstantSource clock;
  private final @Nullable KillSwitch killSwitch;
  private final Set<Live> all = ConcurrentHashMap.newKeySet();
  private KillSwitch.@Nullable Listening listening;

  LiveCallers(InstantSource clock, @Nullable KillSwitch killSwitch) {
    this.clock = clock;
    this.killSwitch = killSwitch;
  }

  /** What is told that it must end, on its context. */
  interface Ending {
    /** The credential has expired, or its holder was stopped. */
    void credentialEnded();

    /** An operation was stopped: by its name, or by the coordinate of a root field. */
    void operationStopped(String name);
  }

  /** Watches a caller from now on; call {@link Live#close} when it leaves. */
  Live watch(Context context, Optional<Principal> principal, Ending ending) {
    Live live = new Live(context, principal, ending);
    enter(live);
    live.arm();
    // what was stopped between the door's question and now
    principal.filter(this::isStopped).ifPresent(stopped -> live.end());
    return live;
  }

  // switches may live longer than what stands here, which has no end of its own: it listens while
  // there is somebody to tell
  private synchronized void enter(Live live) {
    all.add(live);
    if (killSwitch != null && listening == null) {
      listening = killSwitch.onChange(this::changed);
    }
  }

  private synchronized void leave(Live live) {
    all.remove(live);
    KillSwitch.Listening begun = listening;
    if (begun != null && all.isEmpty()) {
      listening = null;
      begun.end();
    }
  }

  int size() {
    return all.size();
  }

  private boolean isStopped(Principal principal) {
    return killSwitch != null
        && (killSwitch.stops(KillSwitch.Kind.PRINCIPAL, principal.id())
            || principal
                .tenant()
                .map(tenant -> killSwitch.stops(KillSwitch.Kind.TENANT, tenant.value()))
                .orElse(false));
  }

  private void changed(KillSwitch.Change change) {
    if (!change.on()) {
      return;
    }
    KillSwitch.Target target = change.engaged().target();
    if (target.kind() == KillSwitch.Kind.OPERATION) {
      all.forEach(live -> live.stop(target.name()));
      return;
    }
    for (Live live : all) {
      live.principal.filter(this::isStopped).ifPresent(stopped -> live.end());
    }
  }

  /** One of them. */
  final class Live {
    private final Context context;
    private final Optional<Principal> principal;
    private final Ending ending;
    private long timer = -1;

    private Live(Context context, Optional<Principal> principal, Ending ending) {
      this.context = context;
      this.principal = principal;
      this.ending = ending;
    }

    private void arm() {
      if (principal.isEmpty() || principal.get().expiry().isEmpty()) {
        return;
      }
      Duration left = Duration.between(clock.instant(), principal.get().expiry().get());
      Duration wait = left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
      timer = context.owner().setTimer(Math.max(1, wait.toMillis() + 1), late -> check());
    }

    private void check() {
      timer = -1;
      if (!all.contains(this)) {
        return;
      }
      if (principal.map(who -> who.isExpired(clock)).orElse(false)) {
        ending.credentialEnded();
        return;
      }
      arm();
    }

    private void end() {
      context.runOnContext(
          here -> {
            if (all.contains(this)) {
              ending.credentialEnded();
            }
          });
    }

    private void stop(String operationName) {
      context.runOnContext(
          here -> {
            if (all.contains(this)) {
              ending.operationStopped(operationName);
            }
          });
    }

    /** It has left. */
    void close() {
      leave(this);
      if (timer >= 0) {
        context.owner().cancelTimer(timer);
        timer = -1;
      }
    }
  }
}
