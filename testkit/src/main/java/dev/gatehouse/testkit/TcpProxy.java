package dev.gatehouse.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network between a client and its server on this machine that breaks when a test says so: cut,
 * slow, or silent.
 *
 * <pre>{@code
 * try (TcpProxy network = TcpProxy.to(redis.port())) {
 *   connect("127.0.0.1", network.port());
 *   network.cut();     // connections end, new ones are refused
 *   network.heal();
 * }
 * }</pre>
 */
public final class TcpProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Set<Socket> frozen = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile int target;
  private volatile Duration delay = Duration.ZERO;
  private volatile boolean refusing;
  private volatile boolean silent;
  private volatile boolean closed;

  private TcpProxy(int target) {
    this.target = target;
    try {
      this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  /** A network to that port of this machine, in order. */
  public static TcpProxy to(int port) {
    return new TcpProxy(port);
  }

  /** The port to connect to. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Leads new connections to another port. */
  public void redirect(int port) {
    target = port;
  }

  /** Ends every connection, frozen ones too, and every new one at once. */
  public void cut() {
    refusing = true;
    drop();
  }

  /** Ends every connection, frozen ones too; new ones are taken. */
  public void drop() {
    change(
        () -> {
          List.copyOf(sockets).forEach(this::end);
          List.copyOf(frozen).forEach(this::end);
        });
  }

  /** Holds each piece back for that long. */
  public void slow(Duration by) {
    change(() -> delay = by);
  }

  /** Holds everything back, a connection's end too: neither side learns that the other is gone. */
  public void blackhole() {
    change(() -> silent = true);
  }

  /** Silences the connections that there are, for good; new ones are in order. */
  public void freeze() {
    change(
        () -> {
          frozen.addAll(sockets);
          sockets.clear();
        });
  }

  /** In order again; what was held back arrives, except on what was frozen. */
  public void heal() {
    change(
        () -> {
          refusing = false;
          silent = false;
          delay = Duration.ZERO;
        });
  }

  @Override
  public void close() {
    change(() -> closed = true);
    drop();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.shutdownNow();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        threads.execute(() -> connect(client));
      } catch (IOException ended) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    if (refusing) {
      end(client);
      return;
    }
    Socket server = new Socket();
    try {
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 2_000);
      server.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
      sockets.add(server);
      AtomicInteger directions = new AtomicInteger(2);
      threads.execute(() -> carry(client, server, directions));
      threads.execute(() -> carry(server, client, directions));
    } catch (IOException unreachable) {
      end(client);
      end(server);
    }
  }

  private void carry(Socket from, Socket to, AtomicInteger directions) {
    try {
      try {
        carryToTheEnd(from, to);
        if (directions.decrementAndGet() > 0) {
          return; // the other direction goes on
        }
      } catch (IOException reset) {
        holdBack(from, to);
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
    end(from);
    end(to);
  }

  private void carryToTheEnd(Socket from, Socket to) throws IOException, InterruptedException {
    byte[] piece = new byte[16 * 1024];
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
      holdBack(from, to);
      out.write(piece, 0, read);
    }
    holdBack(from, to);
    to.shutdownOutput();
  }

  private void holdBack(Socket from, Socket to) throws InterruptedException {
    lock.lock();
    try {
      long left = delay.toNanos();
      while (!closed && (isSilent(from, to) || left > 0)) {
        if (isSilent(from, to)) {
          changed.await(1, TimeUnit.SECONDS);
        } else {
          left = Math.min(changed.awaitNanos(left), delay.toNanos());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isSilent(Socket from, Socket to) {
    return silent || frozen.contains(from) || frozen.contains(to);
  }

  private void change(Runnable how) {
    lock.lock();
    try {
      how.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end(Socket socket) {
    sockets.remove(socket);
    frozen.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
