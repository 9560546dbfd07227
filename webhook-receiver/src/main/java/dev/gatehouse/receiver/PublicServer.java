package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Server;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The port of the hooks, served by every event loop. */
final class PublicServer {
  private static final int MAX_HEADERS = 16 * 1024;
  private static final int IDLE_SECONDS = 60;
  private static final int MAX_STREAMS = 128;

  private final Vertx vertx;
  private final Server config;
  private final Sources sources;
  private final Queue<HttpServer> servers = new ConcurrentLinkedQueue<>();
  private volatile @Nullable String deployment;

  PublicServer(Vertx vertx, Server config, Sources sources) {
    this.vertx = vertx;
    this.config = config;
    this.sources = sources;
  }

  /** Listens; ends with the port. */
  Future<Integer> listen() {
    return vertx
        .deployVerticle(Loop::new, new DeploymentOptions().setInstances(Receiver.eventLoops()))
        .map(
            id -> {
              deployment = id;
              return List.copyOf(servers).get(0).actualPort();
            })
        .recover(
            failure ->
                Future.failedFuture(
                    new ListenException("server.port", config.host(), config.port(), failure)));
  }

  private final class Loop extends AbstractVerticle {
    @Override
    public void start(Promise<Void> started) {
      HttpServer server = vertx.createHttpServer(options()).requestHandler(sources);
      server.listen(address()).onSuccess(servers::add).<Void>mapEmpty().onComplete(started);
    }
  }

  private SocketAddress address() {
    return config.port() == 0
        ? SocketAddress.sharedRandomPort(1, config.host())
        : SocketAddress.inetSocketAddress(config.port(), config.host());
  }

  private static HttpServerOptions options() {
    return new HttpServerOptions()
        .setMaxHeaderSize(MAX_HEADERS)
        .setMaxInitialLineLength(MAX_HEADERS / 2)
        .setIdleTimeout(IDLE_SECONDS)
        .setTcpNoDelay(true)
        .setAcceptBacklog(4096)
        .setDecompressionSupported(false)
        .setCompressionSupported(false)
        // no socket is served here, and each request would be looked at for one
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(MAX_STREAMS)
                .setMaxHeaderListSize(MAX_HEADERS));
  }

  /** Takes no new request, and ends when those under way are answered, or after that long. */
  Future<Void> stop(Duration bound) {
    List<Future<Void>> ends =
        servers.stream()
            .map(server -> server.shutdown(bound.toSeconds(), TimeUnit.SECONDS))
            .toList();
    String id = deployment;
    return Future.join(ends)
        .<Void>mapEmpty()
        .eventually(() -> id == null ? Future.succeededFuture() : vertx.undeploy(id));
  }
}
