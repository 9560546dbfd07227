package dev.gatehouse.redis;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection whose other side has stopped answering, so that a new one is made.
 *
 * <p>A server that vanished without a word (a host that lost power, a firewall that forgot) leaves
 * a connection that looks alive until TCP gives up, which takes a quarter of an hour.
 */
public final class SilenceWatch extends ChannelDuplexHandler {
  private final long patienceNanos;
  private boolean waiting;
  private long waitingSince;
  private @Nullable ScheduledFuture<?> check;

  private SilenceWatch(Duration patience) {
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Watches each connection of a client.
   *
   * @param patience how long an answer may take before its connection is given up
   */
  public static NettyCustomizer over(Duration patience) {
    return new NettyCustomizer() {
      @Override
      public void afterChannelInitialized(Channel channel) {
        channel.pipeline().addFirst(new SilenceWatch(patience));
      }
    };
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    check =
        ctx.executor()
            .scheduleAtFixedRate(
                () -> look(ctx), patienceNanos / 4, patienceNanos / 4, TimeUnit.NANOSECONDS);
    super.channelActive(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    if (check != null) {
      check.cancel(false);
    }
    super.channelInactive(ctx);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Exception {
    if (!waiting) {
      waiting = true;
      waitingSince = System.nanoTime();
    }
    super.write(ctx, message, promise);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    waiting = false;
    super.channelRead(ctx, message);
  }

  private void look(ChannelHandlerContext ctx) {
    if (waiting && System.nanoTime() - waitingSince > patienceNanos) {
      ctx.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }
  }
}
