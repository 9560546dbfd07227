package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that nobody wants: half of them send a body byte by byte and never end it, half send
 * requests whose signature is wrong. A connection that the server closes is opened again, so that
 * their number stays, until they are stopped.
 */
final class SlowClients {
  private static final int OPENED_A_SECOND = 1000;
  private static final int ADDRESSES = 32;

  private final InetSocketAddress target;
  private final int count;
  private final byte[] slowHead;
  private final byte[] rejected;
  private final Thread thread = new Thread(this::run, "slow-clients");
  private final PriorityQueue<Client> due =
      new PriorityQueue<>(Comparator.comparingLong(client -> client.dueAt));
  private final Random random = new Random(1);
  private final long pauseNanos;
  private long begunAt;
  private int slow;
  private final ByteBuffer in = ByteBuffer.allocateDirect(16 * 1024);
  private volatile boolean closing;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong closedByServer = new AtomicLong();

  private static final class Client {
    private final boolean slow;
    private final SocketChannel channel;
    private long dueAt;
    private boolean begun;

    private Client(boolean slow, SocketChannel channel) {
      this.slow = slow;
      this.channel = channel;
    }
  }

  SlowClients(InetSocketAddress target, String path, int count, Duration pause) {
    this.target = target;
    this.count = count;
    this.pauseNanos = pause.toNanos();
    String head =
        "POST " + path + " HTTP/1.1\r\nHost: hooks.example.com\r\nwebhook-id: msg_slow\r\n";
    String signature = "webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=\r\n";
    String time = "webhook-timestamp: " + System.currentTimeMillis() / 1000 + "\r\n";
    this.slowHead = (head + time + signature + "Content-Length: 1024\r\n\r\n").getBytes(US_ASCII);
    this.rejected = (head + time + signature + "Content-Length: 2\r\n\r\n{}").getBytes(US_ASCII);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** How many are connected. */
  int open() {
    return open.get();
  }

  /** How many refusals they have read. */
  long answers() {
    return answers.get();
  }

  /** How many connections the server has closed. */
  long closedByServer() {
    return closedByServer.get();
  }

  private void run() {
    begunAt = System.nanoTime();
    try (Selector selector = Selector.open()) {
      while (!closing) {
        openSome(selector);
        sendWhatIsDue(selector);
        selector.select(1);
        for (SelectionKey key : selector.selectedKeys()) {
          receive(key);
        }
        selector.selectedKeys().clear();
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the slow clients cannot go on", e);
    }
  }

  private void openSome(Selector selector) throws IOException {
    long opened = closedByServer.get() + open.get();
    long allowed = (System.nanoTime() - begunAt) * OPENED_A_SECOND / 1_000_000_000L;
    for (; opened < allowed && open.get() < count; opened++) {
      SocketChannel channel = SocketChannel.open();
      channel.bind(new InetSocketAddress("127.0.0." + (2 + opened % ADDRESSES), 0));
      channel.connect(target);
      channel.configureBlocking(false);
      Client client = new Client(2 * slow <= open.get(), channel);
      slow += client.slow ? 1 : 0;
      channel.register(selector, SelectionKey.OP_READ, client);
      // at a moment of their own, as clients that do not know each other do
      client.dueAt = System.nanoTime() + (long) (random.nextDouble() * pauseNanos);
      due.add(client);
      open.incrementAndGet();
    }
  }

  private void sendWhatIsDue(Selector selector) {
    long now = System.nanoTime();
    while (!due.isEmpty() && due.element().dueAt <= now) {
      Client client = due.remove();
      SelectionKey key = client.channel.keyFor(selector);
      if (key == null || !key.isValid()) {
        continue;
      }
      try {
        send(client);
        // from when it was due and not from now: those that were sent in one go would stay together
        client.dueAt += pauseNanos;
        due.add(client);
      } catch (IOException closed) {
        lost(key);
      }
    }
  }

  // What does not fit into the socket's buffer is lost: then the request is bad in another way.
  private void send(Client client) throws IOException {
    byte[] bytes = client.slow ? slowHead : rejected;
    if (client.slow && client.begun) {
      bytes = new byte[] {'{'};
    }
    client.begun = true;
    client.channel.write(ByteBuffer.wrap(bytes));
  }

  private void receive(SelectionKey key) {
    Client client = (Client) key.attachment();
    try {
      in.clear();
      if (client.channel.read(in) < 0) {
        lost(key);
      } else {
        answers.incrementAndGet();
      }
    } catch (IOException reset) {
      lost(key);
    }
  }

  private void lost(SelectionKey key) {
    key.cancel();
    slow -= ((Client) key.attachment()).slow ? 1 : 0;
    try {
      key.channel().close();
    } catch (IOException e) {
      throw new IllegalStateException("a socket cannot be closed", e);
    }
    open.decrementAndGet();
    closedByServer.incrementAndGet();
  }

  /** Closes all connections. */
  void stop() throws InterruptedException {
    closing = true;
    thread.join(10_000);
  }
}
