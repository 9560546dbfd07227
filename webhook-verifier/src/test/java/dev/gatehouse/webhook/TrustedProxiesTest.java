package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
  void bucket_ipv6_isItsNetworkOf64() {
    assertThat(PeerAddress.bucket("2001:db8:1:2:3:4:5:6"))
        .isEqualTo(PeerAddress.bucket("2001:db8:1:2::1"))
        .isNotEqualTo(PeerAddress.bucket("2001:db8:1:3::1"));
    assertThat(PeerAddress.bucket("::ffff:1.2.3.4")).isEqualTo("1.2.3.4");
    assertThat(PeerAddress.bucket("local")).isEqualTo("local");
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
    HttpServer server =
        Hook.await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request ->
                        request
                            .response()
                            .end(
                                proxies.clientAddress(request)
                                    + " "
                                    + proxies.externalOrigin(request)))
                .listen(0, "127.0.0.1"));
    try (RawClient client = RawClient.connect(server.actualPort())) {
      return client
          .send("GET / HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n\r\n")
          .read()
          .body();
    } finally {
      Hook.await(server.close());
    }
  }
}
