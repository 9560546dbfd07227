package dev.gatehouse.receiver;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.Inbox.ReplayFilter;
import dev.gatehouse.receiver.Inbox.Replayed;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.RoutingTable.Route;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Replays what a filter names, piece by piece, and tells after each piece how far it is: one JSON
 * object a line, the last one with {@code done} or {@code error}.
 *
 * <p>It goes on only while the client listens, and one runs at a time. A line's {@code source} and
 * {@code after} are where another request can go on; {@code left} are the sources after that one,
 * of which nothing was looked at yet. Deliveries keep id, content and the time they were received;
 * what is on its way is left alone.
 */
final class BulkReplay {
  private static final int PIECE = 500;

  private final Inbox inbox;
  private final Sources sources;
  private final AuditSink auditSink;
  private final InstantSource clock;
  private final AtomicBoolean runs = new AtomicBoolean();

  BulkReplay(Inbox inbox, Sources sources, AuditSink auditSink, InstantSource clock) {
    this.inbox = inbox;
    this.sources = sources;
    this.auditSink = auditSink;
    this.clock = clock;
  }

  private record Asked(
      @Nullable String source,
      @Nullable DeliveryState state,
      @Nullable String eventType,
      long fromId,
      long toId,
      @Nullable Instant receivedFrom,
      @Nullable Instant receivedBefore,
      long after) {
    ReplayFilter of(String each) {
      return new ReplayFilter(each, state, eventType, fromId, toId, receivedFrom, receivedBefore);
    }
  }

  void handle(RoutingContext ctx) {
    Asked asked;
    try {
      asked = read(ctx);
      asked.of("check");
    } catch (IllegalArgumentException e) {
      ManagementApi.refuse(ctx, 400, String.valueOf(e.getMessage()));
      return;
    }
    List<String> delivering = delivering(asked);
    if (delivering.isEmpty()) {
      String which = asked.source == null ? "no source" : "no source of that name";
      ManagementApi.refuse(ctx, 409, which + " delivers anywhere: configure deliver first");
      return;
    }
    if (!runs.compareAndSet(false, true)) {
      ManagementApi.refuse(ctx, 409, "another bulk replay runs: wait for its end");
      return;
    }
    record("begun", delivering, 0);
    HttpServerResponse response = ctx.response();
    response.setChunked(true).putHeader("Content-Type", "application/x-ndjson");
    new Run(asked, new ArrayDeque<>(delivering), delivering, response).next(asked.after());
  }

  private List<String> delivering(Asked asked) {
    return sources.routes().stream()
        .map(Route::source)
        .filter(s -> s.enabled() && s.deliver().isPresent())
        .map(Source::name)
        .filter(name -> asked.source() == null || asked.source().equals(name))
        .toList();
  }

  private void record(String step, List<String> of, long replayed) {
    auditSink.record(
        AuditEvent.of(clock.instant(), "management", "replay", AuditEvent.Outcome.ALLOWED, step)
            .subject(String.join(",", of))
            .detail("replayed", Long.toString(replayed))
            .build());
  }

  private final class Run {
    private final Asked asked;
    private final Queue<String> left;
    private final List<String> all;
    private final HttpServerResponse response;
    private long looked;
    private long replayed;

    private Run(Asked asked, Queue<String> left, List<String> all, HttpServerResponse response) {
      this.asked = asked;
      this.left = left;
      this.all = all;
      this.response = response;
    }

    private void next(long after) {
      String source = left.peek();
      if (source == null || response.closed()) {
        end(source == null ? progress().put("done", true) : progress());
        return;
      }
      inbox
          .replay(asked.of(source), after, PIECE, clock.instant())
          .onComplete(
              piece -> went(source, piece),
              failure -> end(at(source, after).put("error", "the store cannot be asked now")));
    }

    private void went(String source, Replayed piece) {
      looked += piece.looked();
      replayed += piece.count();
      if (piece.next() == 0) {
        left.remove();
      }
      response
          .write(at(source, piece.next()).encode() + "\n")
          .onComplete(written -> next(piece.next()));
    }

    private JsonObject at(String source, long after) {
      JsonObject at =
          progress()
              .put("source", source)
              .put("after", after == 0 ? null : DeliveryId.format(after));
      List<String> others = left.stream().filter(other -> !other.equals(source)).toList();
      return others.isEmpty() ? at : at.put("left", new JsonArray(others));
    }

    private JsonObject progress() {
      return new JsonObject().put("looked", looked).put("replayed", replayed);
    }

    private void end(JsonObject last) {
      runs.set(false);
      record(last.containsKey("done") ? "done" : "cut_short", all, replayed);
      if (!response.closed()) {
        response.end(last.encode() + "\n");
      }
    }
  }

  // --- the filter

  private static Asked read(RoutingContext ctx) {
    Problems problems = new Problems();
    StrictJson in = StrictJson.object(tree(ctx), "", problems);
    if (in.keys().isEmpty()) {
      throw new IllegalArgumentException(
          "say what to replay: at least one of source, state, eventType, from, to, receivedFrom,"
              + " receivedBefore");
    }
    String source = in.string("source").orElse(null);
    Asked asked =
        new Asked(
            source,
            state(in),
            in.string("eventType").orElse(null),
            id(in, "from", 0),
            id(in, "to", Long.MAX_VALUE),
            in.instant("receivedFrom").orElse(null),
            in.instant("receivedBefore").orElse(null),
            id(in, "after", 0));
    if (in.has("after") && source == null) {
      in.problem("after", "needs the source beside it");
    }
    in.close();
    problems.throwIfAny();
    return asked;
  }

  private static Object tree(RoutingContext ctx) {
    try {
      if (ctx.body() == null || ctx.body().buffer() == null) {
        return new JsonObject().getMap();
      }
      return new JsonObject(ctx.body().buffer()).getMap();
    } catch (DecodeException | ClassCastException e) {
      throw new IllegalArgumentException(
          "the body must be a JSON object such as {\"source\":…,\"state\":\"dead\"}", e);
    }
  }

  private static @Nullable DeliveryState state(StrictJson in) {
    Optional<String> name = in.string("state");
    Optional<DeliveryState> state = name.flatMap(DeliveryState::named);
    if (name.isPresent() && state.isEmpty()) {
      in.problem("state", "must be received, delivered, retrying or dead");
    }
    return state.orElse(null);
  }

  private static long id(StrictJson in, String key, long otherwise) {
    Optional<String> text = in.string(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    OptionalLong id = DeliveryId.parse(text.get());
    if (id.isEmpty()) {
      in.problem(key, "must be a delivery's id");
    }
    return id.orElse(otherwise);
  }
}
