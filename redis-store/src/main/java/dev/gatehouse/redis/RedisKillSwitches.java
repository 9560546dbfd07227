package dev.gatehouse.redis;

import static dev.gatehouse.redis.RedisLink.bytes;
import static dev.gatehouse.redis.RedisLink.text;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.KillSwitch.Change;
import dev.gatehouse.core.KillSwitch.Engaged;
import dev.gatehouse.core.KillSwitch.Kind;
import dev.gatehouse.core.KillSwitch.Target;
import io.lettuce.core.ScriptOutputType;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kill switches that reach every node: what one engages stops on all of them, within a second of
 * each being able to hear it, and stays so over restarts of nodes and of Redis.
 *
 * <p>Doors go on asking the {@link KillSwitch} of their own process, from memory. A node that
 * engages stops at once itself, whether or not Redis can be reached; if it cannot, the future fails
 * and the others are told as soon as it can. Releasing needs Redis: nothing is let through that
 * other nodes were told to stop. If Redis lost its data, its nodes tell it again what was engaged.
 */
public final class RedisKillSwitches implements KillSwitch.Panel {
  private static final Logger LOG = LoggerFactory.getLogger(RedisKillSwitches.class);
  private static final Script ENGAGE =
      Script.of(Script.part("announce.lua"), Script.part("engage.lua"));
  private static final Script RELEASE =
      Script.of(Script.part("announce.lua"), Script.part("release-switch.lua"));
  private static final Script STATE = Script.of(Script.part("switches.lua"));

  private final RedisLink link;
  private final RedisSignals signals;
  private final KillSwitch local;
  private final byte[][] keys;
  // What stands in Redis, as far as this node knows: only that is released by what others say.
  private final Set<Target> shared = ConcurrentHashMap.newKeySet();
  // What this node engaged and Redis has not confirmed; of these, what has to be told again.
  private final Map<Target, Engaged> untold = new ConcurrentHashMap<>();
  private final Set<Target> failed = new HashSet<>();
  private volatile long asOf;

  RedisKillSwitches(RedisLink link, RedisSignals signals, KillSwitch local, String prefix) {
    this.link = link;
    this.signals = signals;
    this.local = local;
    this.keys = signals.keysWith(prefix + ":signals:switches");
  }

  @Override
  public Future<Engaged> engage(Kind kind, String name, String reason) {
    Engaged engaged = local.engage(kind, name, reason);
    untold.put(engaged.target(), engaged);
    return signals
        .inTurn(() -> tell(engaged))
        .recover(
            failure ->
                Future.failedFuture(
                    new IllegalStateException(
                        "engaged on this node; the others are told as soon as Redis answers",
                        failure)));
  }

  @Override
  public Future<Boolean> release(Kind kind, String name) {
    Target target = new Target(kind, name);
    return signals.inTurn(() -> release(target));
  }

  // In turn with what is told again: nothing is engaged behind a release.
  private Future<Boolean> release(Target target) {
    boolean tellAgain = failed.remove(target);
    return link.<Long>run(
            RELEASE, ScriptOutputType.INTEGER, keys, signals.channel(), bytes(field(target)))
        .onFailure(
            away -> {
              if (tellAgain) {
                failed.add(target);
              }
            })
        .map(
            released -> {
              untold.remove(target);
              shared.remove(target);
              return local.release(target.kind(), target.name()) || released == 1;
            });
  }

  private Future<Engaged> tell(Engaged engaged) {
    return link.<byte[]>run(
            ENGAGE,
            ScriptOutputType.VALUE,
            keys,
            signals.channel(),
            bytes(field(engaged.target())),
            bytes(engaged.since().toEpochMilli() + " " + engaged.reason()),
            bytes(KillSwitch.MAX_ENGAGED))
        .map(
            says -> {
              Engaged first = engaged(field(engaged.target()), text(says)).orElse(engaged);
              untold.remove(engaged.target(), engaged);
              take(first);
              return first;
            })
        .onFailure(away -> failed.add(engaged.target()));
  }

  /** How this follows what others tell. */
  RedisSignals.Follower follower() {
    return new RedisSignals.Follower() {
      @Override
      public Future<Void> readState(boolean lost) {
        return RedisKillSwitches.this.readState(lost);
      }

      @Override
      public void heard(long number, Map<String, String> announcement) {
        RedisKillSwitches.this.heard(number, announcement);
      }

      @Override
      public void reached() {
        tellAgain();
      }
    };
  }

  private void tellAgain() {
    List<Target> again = List.copyOf(failed);
    failed.clear();
    for (Target target : again) {
      Engaged engaged = untold.get(target);
      if (engaged != null) {
        tell(engaged).onFailure(e -> LOG.debug("a kill switch could not be shared yet"));
      }
    }
  }

  private void heard(long number, Map<String, String> said) {
    String field = said.get("switch");
    String says = said.get("says");
    if (field == null || says == null || number <= asOf) {
      return;
    }
    Optional<Engaged> engaged = engaged(field, says);
    if ("1".equals(said.get("on"))) {
      engaged.ifPresent(this::take);
    } else {
      engaged.map(Engaged::target).ifPresent(this::drop);
    }
  }

  private Future<Void> readState(boolean lost) {
    if (lost) {
      local.engaged().stream()
          .filter(engaged -> shared.contains(engaged.target()))
          .forEach(
              engaged -> {
                untold.put(engaged.target(), engaged);
                failed.add(engaged.target());
              });
    }
    return link.<List<Object>>run(STATE, ScriptOutputType.MULTI, new byte[][] {keys[0], keys[2]})
        .map(
            answer -> {
              takeOver((List<?>) answer.get(1));
              asOf = (Long) answer.get(0);
              return null;
            });
  }

  private void takeOver(List<?> flat) {
    Map<Target, Engaged> state = new HashMap<>();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      engaged(text(flat.get(i)), text(flat.get(i + 1)))
          .ifPresent(engaged -> state.put(engaged.target(), engaged));
    }
    state.values().forEach(this::take);
    shared.stream().filter(target -> !state.containsKey(target)).forEach(this::drop);
  }

  private void take(Engaged engaged) {
    shared.add(engaged.target());
    try {
      local.apply(new Change(engaged, true));
    } catch (IllegalStateException full) {
      LOG.error("a kill switch of another node was not taken: {}", full.getMessage());
    }
  }

  // One that this node engaged meanwhile stays: the others are about to hear of it.
  private void drop(Target target) {
    shared.remove(target);
    if (!untold.containsKey(target)) {
      local.release(target.kind(), target.name());
    }
  }

  private static String field(Target target) {
    return target.kind().name() + " " + target.name();
  }

  // What a newer node may say and this one does not know is passed over, and the rest is heard.
  private static Optional<Engaged> engaged(String field, String says) {
    int name = field.indexOf(' ');
    int reason = says.indexOf(' ');
    try {
      Kind kind = Kind.valueOf(field.substring(0, name));
      return Optional.of(
          new Engaged(
              new Target(kind, field.substring(name + 1)),
              says.substring(reason + 1),
              Instant.ofEpochMilli(Long.parseLong(says.substring(0, reason)))));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      LOG.error("a kill switch of another node is in a form that this one does not know");
      return Optional.empty();
    }
  }
}
