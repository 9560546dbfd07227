package dev.gatehouse.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Sends requests over a fixed number of connections, each as soon as the answer before it is there,
 * for a bounded time, from one thread.
 *
 * <p>It is lean, since it shares the machine with the server that it measures: requests are copied
 * and not made, of an answer only the status and the length are read, and while there is nothing to
 * do it sleeps.
 */
final class LoadGenerator {
  /**
   * What came of it.
   *
   * @param seconds how long it took
   * @param expected answers with the expected status
   * @param others answers with another one
   * @param latencies nanoseconds from the write to the answer, sorted
   */
  record Result(double seconds, int expected, int others, long[] latencies) {
    double perSecond() {
      return expected / seconds;
    }

    double millisAt(double quantile) {
      return latencies.length == 0
          ? Double.NaN
          : latencies[(int) ((latencies.length - 1) * quantile)] / 1e6;
    }
  }

  private final InetSocketAddress target;
  private final int connections;
  private final int depth;
  private final int expectedStatus;
  private final RequestSource source;
  private final int requestLength;

  private final Deque<SelectionKey> idle = new ArrayDeque<>();
  private int perSecond;
  private long[] latencies = new long[1 << 16];
  private int count;
  private int expected;
  private int others;
  private long sent;
  private long startedAt;
  private boolean sending = true;

  /**
   * A generator.
   *
   * @param depth how many requests are under way on one connection
   */
  LoadGenerator(
      InetSocketAddress target,
      int connections,
      int depth,
      int expectedStatus,
      RequestSource source,
      int requestLength) {
    this.target = target;
    this.connections = connections;
    this.depth = depth;
    this.expectedStatus = expectedStatus;
    this.source = source;
    this.requestLength = requestLength;
  }

  /** Sends so many a second; else it sends what it can. */
  LoadGenerator pace(int value) {
    this.perSecond = value;
    return this;
  }

  /** Sends until the time is over or no request is left, and waits for the last answers. */
  Result run(Duration time) throws IOException {
    long begun;
    long ended;
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < connections; i++) {
        SocketChannel channel = SocketChannel.open(target);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
      }
      begun = System.nanoTime();
      startedAt = begun;
      try {
        drive(selector, begun, begun + time.toNanos());
        ended = System.nanoTime();
      } finally {
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
      }
    }
    long[] sorted = Arrays.copyOf(latencies, count);
    Arrays.sort(sorted);
    return new Result((ended - begun) / 1e9, expected, others, sorted);
  }

  private void drive(Selector selector, long begun, long until) throws IOException {
    long giveUp = until + Duration.ofSeconds(10).toNanos();
    idle.addAll(selector.keys());
    long now = begun;
    while (sending || idle.size() < connections) {
      sending = sending && now < until;
      if (now > giveUp) {
        throw new IOException("some requests had no answer within ten seconds");
      }
      while (!idle.isEmpty() && sending && isDue(now - begun)) {
        SelectionKey key = idle.poll();
        serve(key, (Connection) key.attachment());
      }
      selector.select(1);
      for (SelectionKey key : selector.selectedKeys()) {
        Connection connection = (Connection) key.attachment();
        connection.read();
        serve(key, connection);
      }
      selector.selectedKeys().clear();
      now = System.nanoTime();
    }
  }

  private boolean isDue(long elapsed) {
    return perSecond == 0 || sent < elapsed / 1e9 * perSecond;
  }

  private void serve(SelectionKey key, Connection connection) throws IOException {
    if (perSecond == 0 || (!connection.isBusy() && isDue(System.nanoTime() - startedAt))) {
      connection.fill();
    }
    connection.flush(key);
    if (!connection.isBusy()) {
      idle.add(key);
    }
  }

  private void answered(int status, long nanos) {
    if (status == expectedStatus) {
      expected++;
    } else {
      others++;
    }
    if (count == latencies.length) {
      latencies = Arrays.copyOf(latencies, count * 2);
    }
    latencies[count++] = nanos;
  }

  private final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(requestLength * depth);
    private final ByteBuffer in = ByteBuffer.allocateDirect(16 * 1024);
    private final long[] sentAt = new long[depth];
    private int first;
    private int underWay;

    private Connection(SocketChannel channel) {
      this.channel = channel;
      out.flip();
    }

    boolean isBusy() {
      return underWay > 0;
    }

    // With several requests under way, half of them are renewed at a time, in one write.
    void fill() {
      if (out.hasRemaining() || underWay > depth / 2) {
        return;
      }
      out.clear();
      long now = System.nanoTime();
      while (sending && underWay < depth) {
        if (!source.next(out)) {
          sending = false;
          break;
        }
        sentAt[(first + underWay++) % depth] = now;
        sent++;
      }
      out.flip();
    }

    void flush(SelectionKey key) throws IOException {
      if (out.hasRemaining()) {
        channel.write(out);
      }
      int interest = SelectionKey.OP_READ | (out.hasRemaining() ? SelectionKey.OP_WRITE : 0);
      if (key.interestOps() != interest) {
        key.interestOps(interest);
      }
    }

    void read() throws IOException {
      if (channel.read(in) < 0) {
        throw new EOFException("the server closed a connection");
      }
      in.flip();
      int length = Answer.length(in);
      while (length > 0) {
        answered(Answer.status(in), System.nanoTime() - sentAt[first]);
        first = (first + 1) % depth;
        underWay--;
        in.position(in.position() + length);
        length = Answer.length(in);
      }
      in.compact();
    }
  }
}
