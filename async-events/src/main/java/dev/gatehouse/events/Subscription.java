package dev.gatehouse.events;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A live subscription: hands out what was asked for and never more, in order, on the context that
 * it was opened on.
 *
 * <p>Nothing is handed out before there is a handler and demand. The handler gets batches, never
 * two at a time; each delivery in them, gap marks included, spends one of the demand. What is
 * handed out was decided under the policy, the credential and the kill switches of that moment:
 * where one of them changed, what is queued is thrown away or decided anew first.
 *
 * <pre>{@code
 * subscription.handler(batch -> batch.forEach(this::write)).request(64);
 * subscription.ended().onSuccess(reason -> close(reason.code()));
 * }</pre>
 *
 * <p>{@link #handler}, {@link #request} and {@link #close} may be called on any thread.
 */
public final class Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);
  private static final int BATCH = 64;

  private final Member member;
  private final OutboundQueue queue;
  private final ContextInternal context;
  private final DrainLoop loop;
  private final TopicPattern topics;
  private final String startCursor;
  private final Promise<EndReason> ended;
  private final AtomicBoolean finished = new AtomicBoolean();
  private volatile @Nullable Handler<List<Delivery>> handler;

  Subscription(
      Member member, OutboundQueue queue, ContextInternal context, DrainLoop loop, String start) {
    this.member = member;
    this.queue = queue;
    this.context = context;
    this.loop = loop;
    this.topics = member.topics();
    this.startCursor = start;
    this.ended = context.promise();
  }

  /** The topics. */
  public TopicPattern topics() {
    return topics;
  }

  /**
   * From where the same subscription goes on if it ends before its first delivery; give it to the
   * client at once, or what happens until then cannot be made up for.
   */
  public String startCursor() {
    return startCursor;
  }

  /** Who takes the deliveries. An exception or error of the handler ends the subscription. */
  public Subscription handler(Handler<List<Delivery>> taker) {
    this.handler = taker;
    wake();
    return this;
  }

  /**
   * Asks for so many more deliveries; {@link Long#MAX_VALUE} is without end.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public Subscription request(long more) {
    if (more < 1) {
      throw new IllegalArgumentException("at least one delivery must be asked for");
    }
    queue.request(more);
    wake();
    return this;
  }

  /** Ends it; what is queued is thrown away, and nothing is handed out any more. */
  public void close() {
    queue.close();
    member.endSoon(EndReason.COMPLETED);
  }

  /** Completes, on the subscription's context, once it has ended; nothing is handed out after. */
  public Future<EndReason> ended() {
    return ended.future();
  }

  /** Hands out if there is a reason to. Safe for any thread. */
  void wake() {
    if (handler != null && queue.claimDrain()) {
      loop.add(this);
    }
  }

  /** On the loop of this subscription's context only. */
  void drain() {
    if (context.isEventLoopContext()) {
      context.dispatch(this::handOut);
    } else {
      context.runOnContext(go -> handOut());
    }
  }

  private void handOut() {
    try {
      Handler<List<Delivery>> taker = handler;
      if (taker != null && member.mayHandOut()) {
        List<Delivery> batch = queue.take(BATCH);
        if (!batch.isEmpty()) {
          give(taker, batch);
        }
      }
    } finally {
      queue.endDrain();
    }
    if (member.isCurrent()) {
      wake();
    }
  }

  private void give(Handler<List<Delivery>> taker, List<Delivery> batch) {
    try {
      member.handedOut(batch);
      taker.handle(batch);
    } catch (Throwable e) {
      Thrown.keepInterruption(e);
      LOG.error("a subscriber's handler failed; its subscription ends", e);
      queue.close();
      member.endSoon(EndReason.UNAVAILABLE);
    }
  }

  /** Tells the subscriber; once. */
  void finish(EndReason reason) {
    if (finished.compareAndSet(false, true)) {
      context.runOnContext(go -> ended.complete(reason));
    }
  }

  /** How many deliveries wait. */
  int queued() {
    return queue.size();
  }

  DrainLoop loop() {
    return loop;
  }
}
