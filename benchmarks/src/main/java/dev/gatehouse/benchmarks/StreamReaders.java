package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Many clients on one thread that count the frames which they are sent. */
final class StreamReaders implements AutoCloseable {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(120);

  private final Selector selector = Selector.open();
  private final List<Client> clients = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
  private final String request;
  private final int frameEnd;
  private long frames;
  private long lastFrame;

  private static final class Client {
    private final SocketChannel channel;
    private byte last;
    private long frames;
    private long latestAt;

    Client(SocketChannel channel) {
      this.channel = channel;
    }
  }

  private StreamReaders(String request, int frameEnd) throws IOException {
    this.request = request;
    this.frameEnd = frameEnd;
  }

  /** Clients of an event stream; each is open when it has seen its first blank line. */
  static StreamReaders ofEvents(InetSocketAddress server, int count) throws IOException {
    StreamReaders readers =
        new StreamReaders(
            "GET /events?topic=orders.* HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n",
            '\n');
    readers.open(server, count);
    return readers;
  }

  /** Sockets; each is open when it has seen the end of the answer's head. */
  static StreamReaders ofSockets(InetSocketAddress server, int count) throws IOException {
    StreamReaders readers =
        new StreamReaders(
            String.join(
                "\r\n",
                "GET / HTTP/1.1",
                "Host: a",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                "",
                ""),
            '\r');
    readers.open(server, count);
    return readers;
  }

  private void open(InetSocketAddress server, int count) throws IOException {
    int awaited = 0;
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(server);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.configureBlocking(false);
      Client client = new Client(channel);
      channel.register(selector, SelectionKey.OP_READ, client);
      clients.add(client);
      int opened = i + 1;
      if (opened % 100 == 0 || opened == count) {
        await(opened - awaited);
        awaited = opened;
      }
    }
    frames = 0;
  }

  int count() {
    return clients.size();
  }

  /** The first client reads nothing from now on. */
  void stallOne() {
    clients.get(0).channel.keyFor(selector).interestOps(0);
  }

  /** Reads until so many more frames came than before; returns when the last came. */
  long await(long wanted) throws IOException {
    long end = System.nanoTime() + PATIENCE;
    while (frames < wanted) {
      read(100);
      if (System.nanoTime() > end) {
        throw new IOException(frames + " of " + wanted + " frames came");
      }
    }
    frames -= wanted;
    return lastFrame;
  }

  /** When the latest frame came. */
  long latest() {
    return lastFrame;
  }

  /** How long after that moment each client's latest frame came, in milliseconds. */
  double[] millisSince(long begun) {
    return clients.stream()
        .filter(client -> client.latestAt > begun)
        .mapToDouble(client -> (client.latestAt - begun) / 1e6)
        .toArray();
  }

  /** Reads what there is. */
  void read(long millis) throws IOException {
    selector.select(millis);
    long now = System.nanoTime();
    for (SelectionKey key : selector.selectedKeys()) {
      read((Client) key.attachment(), now);
    }
    selector.selectedKeys().clear();
  }

  private void read(Client client, long now) throws IOException {
    buffer.clear();
    int length;
    try {
      length = client.channel.read(buffer);
    } catch (IOException cut) {
      length = -1;
    }
    if (length < 0) {
      client.channel.close();
      return;
    }
    buffer.flip();
    byte last = client.last;
    long before = client.frames;
    while (buffer.hasRemaining()) {
      byte next = buffer.get();
      client.frames += last == '\n' && next == frameEnd ? 1 : 0;
      last = next;
    }
    client.last = last;
    if (client.frames > before) {
      frames += client.frames - before;
      client.latestAt = now;
      lastFrame = now;
    }
  }

  @Override
  public void close() throws IOException {
    for (Client client : clients) {
      client.channel.close();
    }
    selector.close();
  }
}
