package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that nobody wants: half of them send a body byte by byte and never end it, half send
 * requests whose signature is wrong. A connection that the server closes is opened again, so that
 * their number stays, until they are stopped.
 */
final class SlowClients {
  private static final int OPENED_AT_ONCE = 100;
  private static final long PAUSE_NANOS = 2_000_000_000L;

  private final InetSocketAddress target;
  private final int count;
  private final byte[] slowHead;
  private final byte[] rejected;
  private final Thread thread = new Thread(this::run, "slow-clients");
  private final Deque<Client> due = new ArrayDeque<>();
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

  SlowClients(InetSocketAddress target, String path, int count) {
    this.target = target;
    this.count = count;
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
    try (Selector selector = Selector.open()) {
      while (!closing) {
        openSome(selector);
        sendWhatIsDue(selector);
        selector.select(5);
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
    for (int i = 0; i < OPENED_AT_ONCE && open.get() < count; i++) {
      SocketChannel channel = SocketChannel.open(target);
      channel.configureBlocking(false);
      Client client = new Client(open.get() % 2 == 0, channel);
      channel.register(selector, SelectionKey.OP_READ, client);
      client.dueAt = System.nanoTime();
      due.addLast(client);
      open.incrementAndGet();
    }
  }

  private void sendWhatIsDue(Selector selector) {
    long now = System.nanoTime();
    while (!due.isEmpty() && due.peekFirst().dueAt <= now) {
      Client client = due.pollFirst();
      SelectionKey key = client.channel.keyFor(selector);
      if (key == null || !key.isValid()) {
        continue;
      }
      try {
        send(client);
        client.dueAt = now + PAUSE_NANOS;
        due.addLast(client);
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
