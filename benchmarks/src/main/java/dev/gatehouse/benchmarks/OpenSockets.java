package dev.gatehouse.benchmarks;

import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sockets that are open and not spoken to but by a loop. */
final class OpenSockets {
  private final List<ServerWebSocket> open = new CopyOnWriteArrayList<>();

  void add(ServerWebSocket socket) {
    socket.closeHandler(gone -> open.remove(socket));
    open.add(socket);
  }

  /** Writes to each that has room. */
  void write(String text) {
    for (ServerWebSocket socket : open) {
      if (!socket.writeQueueFull()) {
        socket.writeTextMessage(text);
      }
    }
  }

  void close() {
    open.forEach(ServerWebSocket::close);
  }
}
