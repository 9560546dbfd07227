package dev.gatehouse.webhook.keys;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real https server on a free port, whose certificate a local authority issued. */
public final class KeyServer implements AutoCloseable {
  /** The name that its certificate has, beside those that a test adds. */
  public static final String NAME = "keys.example";

  /** How often it was asked. */
  public final AtomicInteger asked = new AtomicInteger();

  private final LocalAuthority authority;
  private final HttpServer server;
  private volatile Handler<HttpServerRequest> answer = request -> request.response().end();

  /** A server for these names too. */
  public KeyServer(Vertx vertx, LocalAuthority authority, String... names) {
    this.authority = authority;
    String[] all = new String[names.length + 1];
    all[0] = NAME;
    System.arraycopy(names, 0, all, 1, names.length);
    LocalAuthority.Issued issued = authority.issue(all);
    this.server =
        await(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(
                            new PemKeyCertOptions()
                                .addCertValue(Buffer.buffer(issued.pem()))
                                .addKeyValue(Buffer.buffer(issued.keyPem()))))
                .requestHandler(
                    request -> {
                      asked.incrementAndGet();
                      answer.handle(request);
                    })
                .listen(0, "127.0.0.1"));
  }

  /** Answers so from now on. */
  public KeyServer answering(Handler<HttpServerRequest> handler) {
    answer = handler;
    return this;
  }

  /** Serves this text from now on. */
  public KeyServer serving(String text) {
    return answering(request -> request.response().end(text));
  }

  /** Options with which its names are found and it is trusted. */
  public KeyFetching.Builder options() {
    return KeyFetching.builder()
        .allowPrivateAddresses(true)
        .timeout(Duration.ofSeconds(15))
        .serverTrust(new PemTrustOptions().addCertValue(Buffer.buffer(authority.pem())))
        .resolver(name -> Future.succeededFuture(List.of(InetAddress.getLoopbackAddress())))
        .connectPort(server.actualPort());
  }

  /** The outcome of a future, waited for. */
  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    await(server.close());
  }
}
