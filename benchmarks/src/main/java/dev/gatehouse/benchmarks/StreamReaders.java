package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.joining;

import dev.gatehouse.graphql.http.GraphQLSocketHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Many clients on one thread that count the frames which they are sent. */
final class StreamReaders implements AutoCloseable {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(120);
  private static final Duration PAUSE = Duration.ofMillis(300);

  private final Selector selector = Selector.open();
  private final List<Client> clients = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
  private final Function<SocketChannel, Reading> readings;
  private long frames;
  private long lastFrame;

  /** What one client makes of what it is sent; the first frame shows that it is open. */
  @FunctionalInterface
  interface Reading {
    /** How many frames end in these bytes. */
    int framesIn(ByteBuffer bytes) throws IOException;
  }

  /** Has one event published. */
  @FunctionalInterface
  interface Probe {
    void publish() throws IOException;
  }

  private static final class Client {
    private final SocketChannel channel;
    private final Reading reading;
    private long frames;
    private long latestAt;

    Client(SocketChannel channel, Reading reading) {
      this.channel = channel;
      this.reading = reading;
    }
  }

  /** Frames that end where this byte follows a line. */
  private static final class Lines implements Reading {
    private final int frameEnd;
    private byte last;

    Lines(int frameEnd) {
      this.frameEnd = frameEnd;
    }

    @Override
    public int framesIn(ByteBuffer bytes) {
      int ended = 0;
      byte before = last;
      while (bytes.hasRemaining()) {
        byte next = bytes.get();
        ended += before == '\n' && next == frameEnd ? 1 : 0;
        before = next;
      }
      last = before;
      return ended;
    }
  }

  private StreamReaders(Function<SocketChannel, Reading> readings) throws IOException {
    this.readings = readings;
  }

  /** Clients of an event stream; each is open when it has seen its first blank line. */
  static StreamReaders ofEvents(InetSocketAddress server, int count) throws IOException {
    StreamReaders readers = new StreamReaders(channel -> new Lines('\n'));
    readers.open(
        server,
        count,
        "GET /events?topic=orders.* HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
    return readers;
  }

  /** Sockets; each is open when it has seen the end of the answer's head. */
  static StreamReaders ofSockets(InetSocketAddress server, int count) throws IOException {
    StreamReaders readers = new StreamReaders(channel -> new Lines('\r'));
    readers.open(server, count, upgrade("/"));
    return readers;
  }

  /** GraphQL subscriptions over sockets; each is open when it gets what the probe publishes. */
  static StreamReaders ofSubscriptions(InetSocketAddress server, int count, Probe probe)
      throws IOException {
    StreamReaders readers = ofGraphql(server, count, true);
    readers.awaitLive(probe);
    return readers;
  }

  /** The same sockets without a subscription; each is open when it is acknowledged. */
  static StreamReaders ofSilentSockets(InetSocketAddress server, int count) throws IOException {
    return ofGraphql(server, count, false);
  }

  private static StreamReaders ofGraphql(InetSocketAddress server, int count, boolean subscribe)
      throws IOException {
    StreamReaders readers =
        new StreamReaders(channel -> new SubscriptionReading(channel, subscribe));
    readers.open(
        server,
        count,
        upgrade(
            OrderSubscription.PATH,
            "Authorization: Bearer benchmark",
            "Sec-WebSocket-Protocol: " + GraphQLSocketHandler.SUBPROTOCOL));
    return readers;
  }

  private static String upgrade(String path, String... headers) {
    String more = Arrays.stream(headers).map(header -> header + "\r\n").collect(joining());
    return String.join(
            "\r\n",
            "GET " + path + " HTTP/1.1",
            "Host: a",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            more)
        + "\r\n";
  }

  private void open(InetSocketAddress server, int count, String request) throws IOException {
    int awaited = 0;
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(server);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      write(channel, ByteBuffer.wrap(request.getBytes(US_ASCII)));
      channel.configureBlocking(false);
      Client client = new Client(channel, readings.apply(channel));
      channel.register(selector, SelectionKey.OP_READ, client);
      clients.add(client);
      int opened = i + 1;
      if (opened % 100 == 0 || opened == count) {
        await(opened - awaited);
        awaited = opened;
      }
    }
    forget();
  }

  /** Writes a few bytes to a server that reads. */
  static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  // A subscription is not acknowledged, and may miss the events of its first moments.
  private void awaitLive(Probe probe) throws IOException {
    long end = System.nanoTime() + PATIENCE;
    while (live() < count()) {
      if (System.nanoTime() > end) {
        throw new IOException(live() + " of " + count() + " subscriptions get events");
      }
      probe.publish();
      awaitQuiet(PAUSE);
    }
    forget();
    probe.publish();
    await(count());
  }

  private long live() {
    return clients.stream().filter(client -> client.frames > 0).count();
  }

  private void forget() {
    frames = 0;
    clients.forEach(client -> client.frames = 0);
  }

  int count() {
    return clients.size();
  }

  /** The first client reads nothing from now on. */
  void stallOne() {
    clients.get(0).channel.keyFor(selector).interestOps(0);
  }

  /** It reads again; says how many frames it gets before there is silence. */
  long resumeOne() throws IOException {
    Client first = clients.get(0);
    long before = first.frames;
    first.channel.keyFor(selector).interestOps(SelectionKey.OP_READ);
    awaitQuiet(Duration.ofSeconds(1));
    frames -= first.frames - before;
    return first.frames - before;
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

  /** Reads until no frame has come for so long; returns when the last came. */
  long awaitQuiet(Duration silence) throws IOException {
    long quiet = System.nanoTime();
    long seen = frames;
    while (System.nanoTime() - quiet < silence.toNanos()) {
      read(50);
      quiet = frames > seen ? lastFrame : quiet;
      seen = frames;
    }
    return lastFrame;
  }

  /** How long after that moment each client's latest frame came, in milliseconds. */
  double[] millisSince(long begun) {
    return clients.stream()
        .filter(client -> client.latestAt > begun)
        .mapToDouble(client -> (client.latestAt - begun) / 1e6)
        .toArray();
  }

  private void read(long millis) throws IOException {
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
    int ended = 0;
    try {
      length = client.channel.read(buffer);
      ended = client.reading.framesIn(buffer.flip());
    } catch (IOException cut) {
      length = -1;
    }
    if (length < 0) {
      client.channel.close();
    }
    if (ended > 0) {
      client.frames += ended;
      frames += ended;
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
