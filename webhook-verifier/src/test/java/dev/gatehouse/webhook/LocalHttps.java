package dev.gatehouse.webhook;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An https server on this machine, with a certificate made for it on the spot. */
final class LocalHttps implements AutoCloseable {
  private static final String PASSWORD = "only-for-tests";

  final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final Buffer certificate;

  private LocalHttps(Path folder, String host, String address, Handler<HttpServerRequest> handler)
      throws IOException, InterruptedException {
    Path store = folder.resolve("server.p12");
    Path exported = folder.resolve("server.pem");
    if (!Files.exists(exported)) {
      keytool(
          store, "-genkeypair", "-keyalg", "EC", "-dname", "CN=" + host, "-ext", "san=dns:" + host);
      keytool(store, "-exportcert", "-rfc", "-file", exported.toString());
    }
    this.certificate = Buffer.buffer(Files.readAllBytes(exported));
    this.server =
        Hook.await(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(
                            new PfxOptions().setPath(store.toString()).setPassword(PASSWORD)))
                .requestHandler(handler)
                .listen(0, address));
  }

  static LocalHttps open(Path folder, String host, Handler<HttpServerRequest> handler)
      throws IOException, InterruptedException {
    return new LocalHttps(folder, host, "127.0.0.1", handler);
  }

  static LocalHttps openAt(
      String address, Path folder, String host, Handler<HttpServerRequest> handler)
      throws IOException, InterruptedException {
    return new LocalHttps(folder, host, address, handler);
  }

  private static void keytool(Path store, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(Arrays.asList(arguments));
    command.addAll(List.of("-alias", "s", "-keystore", store.toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool: " + said);
    }
  }

  int port() {
    return server.actualPort();
  }

  PemTrustOptions trust() {
    return new PemTrustOptions().addCertValue(certificate);
  }

  @Override
  public void close() {
    Hook.await(vertx.close());
  }
}
