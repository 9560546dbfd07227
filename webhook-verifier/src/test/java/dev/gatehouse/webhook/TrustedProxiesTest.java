package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.ext.web.AllowForwardHeaders;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Over a real server, whose peer is always 127.0.0.1. */
final class TrustedProxiesTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    Hook.await(vertx.close());
  }

  @Test
  void client_peerNotTrusted_isThePeerWhateverHeadersSay() throws Exception {
    assertThat(seen(TrustedProxies.none(), "X-Forwarded-For: 203.0.113.9"))
        .isEqualTo("127.0.0.1 http://localhost");
    assertThat(
            seen(trusting("10.0.0.0/8"), "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=1.1.1.1"))
        .isEqualTo("127.0.0.1 http://localhost");
  }

  @Test
  void client_trustedPeer_isTheRightmostThatIsNoProxy() throws Exception {
    TrustedProxies proxies = trusting("127.0.0.1", "10.0.0.0/8");

    assertThat(client(proxies, "X-Forwarded-For: 1.2.3.4, 203.0.113.9, 10.1.2.3"))
        .isEqualTo("203.0.113.9");
    assertThat(client(proxies, "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 203.0.113.9"))
        .isEqualTo("203.0.113.9");
    assertThat(client(proxies, "X-Forwarded-For: 10.9.9.9, 10.1.2.3")).isEqualTo("10.9.9.9");
  }

  @Test
  void forwarded_longAndMalformed_isReadInTimeByItsLength() {
    for (String text :
        List.of(
            "a".repeat(60_000),
            "for=a" + " ".repeat(60_000) + "x",
            " ".repeat(60_000),
            "for=\"" + "a".repeat(60_000),
            "for=a;".repeat(10_000) + "!")) {
      Duration fastest = Duration.ofDays(1);
      for (int i = 0; i < 5; i++) { // the best of some: a pause of the machine is no finding
        long begin = System.nanoTime();
        assertThat(ForwardedHop.parse(List.of(text)))
            .containsExactly(new ForwardedHop(null, null, null));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        fastest = took.compareTo(fastest) < 0 ? took : fastest;
      }
      assertThat(fastest).as(text.substring(0, 8)).isLessThan(Duration.ofMillis(50));
    }
  }

  @Test
  void client_portsAndSpellings_areNormalised() throws Exception {
    TrustedProxies proxies = trusting("127.0.0.1");

    assertThat(client(proxies, "X-Forwarded-For: 203.0.113.9:4711")).isEqualTo("203.0.113.9");
    assertThat(client(proxies, "X-Forwarded-For: ::ffff:203.0.113.9")).isEqualTo("203.0.113.9");
    assertThat(client(proxies, "X-Forwarded-For: [2001:DB8:0::1]:443")).isEqualTo("2001:db8::1");
    assertThat(client(proxies, "Forwarded: for=\"[2001:db8::1]:443\";proto=https"))
        .isEqualTo("2001:db8::1");
  }

  @Test
  void client_garbage_isThePeer() throws Exception {
    TrustedProxies proxies = trusting("127.0.0.1");

    for (String garbage :
        List.of(
            "unknown",
            "",
            "203.0.113.9,",
            "010.0.0.1",
            "1.2.3",
            "1.2.3.4.5",
            "evil.example",
            "fe80::1%eth0",
            "[::1",
            "1.2.3.4:port",
            "203.0.113.9,".repeat(70) + "127.0.0.1")) {
      assertThat(client(proxies, "X-Forwarded-For: " + garbage)).isEqualTo("127.0.0.1");
    }
    for (String garbage :
        List.of("for=_hidden", "for", "for=\"1.2.3.4", "for=1.2.3.4,", "proto=https", ";;,")) {
      assertThat(client(proxies, "Forwarded: " + garbage)).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void client_theTwoHeadersDisagree_isThePeer() throws Exception {
    TrustedProxies proxies = trusting("127.0.0.1");

    assertThat(client(proxies, "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=1.1.1.1"))
        .isEqualTo("127.0.0.1");
    assertThat(client(proxies, "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9"))
        .isEqualTo("203.0.113.9");
  }

  @Test
  void origin_trustedPeer_isWhatItSays() throws Exception {
    TrustedProxies proxies = trusting("127.0.0.1");

    assertThat(
            origin(
                proxies,
                "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"
                    + "X-Forwarded-Host: hooks.example.com:8443"))
        .isEqualTo("https://hooks.example.com:8443");
    assertThat(origin(proxies, "Forwarded: for=203.0.113.9;proto=HTTPS;host=\"hooks.example.com\""))
        .isEqualTo("https://hooks.example.com");
  }

  @Test
  void origin_contradictionOrGarbage_isTheRequestsOwn() throws Exception {
    TrustedProxies proxies = trusting("127.0.0.1");

    for (String header :
        List.of(
            "X-Forwarded-Proto: https, http",
            "X-Forwarded-Proto: javascript",
            "X-Forwarded-Host: a.example, b.example",
            "X-Forwarded-Host: a.example/path",
            "X-Forwarded-Host: user@a.example")) {
      assertThat(origin(proxies, header)).isEqualTo("http://localhost");
    }
  }

  @Test
  void of_anythingButANetwork_isRefusedWithWhatToWrite() {
    assertThatThrownBy(() -> trusting("proxy.example")).hasMessageContaining("10.0.0.0/8");
    assertThatThrownBy(() -> trusting("10.0.0.1/8")).hasMessageContaining("10.0.0.0/8");
    assertThatThrownBy(() -> trusting("fd00::1/8")).hasMessageContaining("fd00::/8");
    assertThatThrownBy(() -> trusting("10.0.0.0/33")).hasMessageContaining("1 to 32");
    assertThatThrownBy(() -> trusting("10.0.0.0/08")).hasMessageContaining("prefix");
    assertThatThrownBy(() -> trusting("10.0.0.0/")).hasMessageContaining("prefix");
    assertThatThrownBy(() -> trusting("0.0.0.0/0")).hasMessageContaining("everybody");
    assertThatThrownBy(() -> trusting("010.0.0.0/8")).hasMessageContaining("not a network");
    assertThatThrownBy(() -> trusting("::ffff:10.0.0.0/104")).hasMessageContaining("IPv4");
  }

  @Test
  void origin_routerThatAllowsForwarding_isWhatTheRouterMakesOfIt() throws Exception {
    String forwarded = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: hooks.example.com";

    assertThat(seen(TrustedProxies.none(), AllowForwardHeaders.X_FORWARD, "localhost", forwarded))
        .isEqualTo("127.0.0.1 https://hooks.example.com");
    assertThat(seen(TrustedProxies.none(), AllowForwardHeaders.NONE, "localhost", forwarded))
        .isEqualTo("127.0.0.1 http://localhost");
    for (String header :
        List.of(
            "Forwarded: proto=https",
            "X-Forwarded-Ssl: on",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: a.example",
            "X-Forwarded-Port: 8443",
            "X-Forwarded-For: 203.0.113.9")) {
      assertThat(seen(TrustedProxies.none(), AllowForwardHeaders.ALL, "localhost", header))
          .as(header)
          .isNotEqualTo("127.0.0.1 http://localhost");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:80, http://localhost",
    "localhost:443, http://localhost:443",
    "localhost:8080, http://localhost:8080",
    "[::1]:80, http://[::1]",
    "EXAMPLE.com, http://EXAMPLE.com"
  })
  void origin_fromHost_isSpelledAsVertxDoes(String host, String origin) throws Exception {
    assertThat(seen(TrustedProxies.none(), AllowForwardHeaders.NONE, host, "X-Other: 1"))
        .isEqualTo("127.0.0.1 " + origin);
  }

  @Test
  void origin_overTlsAskedForOnceTheConnectionIsClosed_isHttps(@TempDir Path dir) throws Exception {
    CompletableFuture<Supplier<String>> origin = new CompletableFuture<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    Router router = Router.router(vertx);
    router
        .get()
        .handler(
            ctx -> {
              origin.complete(TrustedProxies.none().originOf(ctx.request()));
              ctx.request().connection().closeHandler(closed::complete);
              ctx.response().putHeader("Connection", "close").end();
            });
    HttpServer server =
        Hook.await(
            vertx
                .createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(key(dir)))
                .requestHandler(router)
                .listen(0, "127.0.0.1"));
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false));

    Hook.await(
        client
            .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
            .compose(request -> request.send())
            .compose(response -> response.end()));
    closed.get(10, TimeUnit.SECONDS);

    assertThat(origin.get(10, TimeUnit.SECONDS).get())
        .isEqualTo("https://127.0.0.1:" + server.actualPort());
  }

  // By the JDK's own tool: there is no other way to a certificate without one more library.
  private static PfxOptions key(Path dir) throws Exception {
    Path store = dir.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "hooks",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                "only-a-test")
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    return new PfxOptions().setPath(store.toString()).setPassword("only-a-test");
  }

  private static TrustedProxies trusting(String... cidrs) {
    return TrustedProxies.of(List.of(cidrs));
  }

  private String client(TrustedProxies proxies, String headers) throws Exception {
    return seen(proxies, headers).split(" ")[0];
  }

  private String origin(TrustedProxies proxies, String headers) throws Exception {
    return seen(proxies, headers).split(" ")[1];
  }

  private String seen(TrustedProxies proxies, String headers) throws Exception {
    return seen(proxies, AllowForwardHeaders.NONE, "localhost", headers);
  }

  private String seen(
      TrustedProxies proxies, AllowForwardHeaders allowed, String host, String headers)
      throws Exception {
    Router router = Router.router(vertx);
    router.allowForward(allowed);
    router
        .get()
        .handler(
            ctx -> {
              // before the other asks Vert.x, which then knows
              Supplier<String> later = proxies.originOf(ctx.request());
              String origin = proxies.externalOrigin(ctx.request());
              ctx.end(proxies.clientAddress(ctx.request()) + " " + origin + " " + later.get());
            });
    HttpServer server =
        Hook.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    try (RawClient client = RawClient.connect(server.actualPort())) {
      String[] seen =
          client
              .send("GET / HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n\r\n")
              .read()
              .body()
              .split(" ");
      assertThat(seen[2]).as("asked for later").isEqualTo(seen[1]);
      return seen[0] + " " + seen[1];
    } finally {
      Hook.await(server.close());
    }
  }
}
