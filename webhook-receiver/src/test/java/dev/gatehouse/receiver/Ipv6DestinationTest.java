package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatehouse.core.AddressRange;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Destinations whose host is an IPv6 address, or a name that has one. */
class Ipv6DestinationTest {
  private static final String PASSWORD = "only-for-tests";
  private static final Leased DELIVERY =
      new Leased(
          1,
          1,
          1,
          "POST",
          "application/json",
          null,
          null,
          null,
          null,
          Fixture.NOW,
          "{}",
          "{}".getBytes(StandardCharsets.UTF_8));

  @TempDir Path folder;

  @BeforeEach
  void needsIpv6() {
    assumeTrue(hasIpv6(), "this machine has no IPv6 loopback address");
  }

  private static boolean hasIpv6() {
    try (ServerSocket socket = new ServerSocket(0, 1, AddressRange.literal("::1").orElseThrow())) {
      return socket.isBound();
    } catch (IOException none) {
      return false;
    }
  }

  @Test
  void destination_thatIsAnAddress_isNamedInBrackets() throws Exception {
    try (Target target = Target.at("::1")) {
      String to = "http://[::1]:" + target.port() + "/in";
      try (Fixture it = Fixture.start(folder, Fixture.yaml("deliver:\n  to: \"" + to + "\"\n"))) {
        it.send("m", "{}");

        assertThat(target.next().headers().getAll("Host"))
            .containsExactly("[::1]:" + target.port());
        it.awaitState(it.deliveries().get(0).getString("id"), "delivered");
      }
    }
  }

  @Test
  void destination_whoseNameIsAnIpv6Address_isDeliveredTo() throws Exception {
    Destination.Resolver names =
        name -> Future.succeededFuture(List.of(AddressRange.literal("::1").orElseThrow()));
    try (Target target = Target.at("::1")) {
      String authority = "name.example:" + target.port();
      String deliver = "deliver:\n  to: \"http://" + authority + "/in\"\n  allowPrivate: true\n";
      try (Fixture it = Fixture.start(folder, Fixture.yaml(deliver), b -> b.resolver(names))) {
        it.send("m", "{}");

        assertThat(target.next().headers().getAll("Host")).containsExactly(authority);
        it.awaitState(it.deliveries().get(0).getString("id"), "delivered");
      }
    }
  }

  @Test
  void destination_overTls_isTheOneOfTheCertificate() throws Exception {
    assertThat(post("ip:::1")).isEqualTo(new Sink.Answer.Status(200, Optional.empty()));
    assertThat(post("ip:::2"))
        .isInstanceOfSatisfying(
            Sink.Answer.None.class, none -> assertThat(none.why()).startsWith("no TLS connection"));
  }

  @Test
  void destination_byNameOverTls_isTheOneOfTheCertificateAndNotItsAddress() throws Exception {
    assertThat(post("dns:name.example", "name.example", "SNI name.example"))
        .isEqualTo(new Sink.Answer.Status(200, Optional.empty()));
    for (String other : List.of("dns:other.example", "ip:::1")) {
      assertThat(post(other, "name.example", ""))
          .isInstanceOfSatisfying(
              Sink.Answer.None.class,
              none -> assertThat(none.why()).startsWith("no TLS connection"));
    }
  }

  private Sink.Answer post(String name) throws Exception {
    // an address is no server name (RFC 6066, 3)
    return post(name, "[::1]", "SNI null");
  }

  /** Posts to a server with a certificate for that name, which is trusted. */
  private Sink.Answer post(String name, String host, String sni) throws Exception {
    Path store = folder.resolve(name.replace(':', '-') + ".p12");
    Path certificate = folder.resolve(name.replace(':', '-') + ".pem");
    keytool(store, "-genkeypair", "-keyalg", "EC", "-dname", "CN=server", "-ext", "san=" + name);
    keytool(store, "-exportcert", "-rfc", "-file", certificate.toString());
    ConcurrentLinkedQueue<String> named = new ConcurrentLinkedQueue<>();
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer server =
          Awaited.get(
              vertx
                  .createHttpServer(
                      new HttpServerOptions()
                          .setSsl(true)
                          .setSni(true)
                          .setKeyCertOptions(
                              new PfxOptions().setPath(store.toString()).setPassword(PASSWORD)))
                  .requestHandler(
                      request -> {
                        named.add(request.getHeader("Host"));
                        named.add("SNI " + request.connection().indicatedServerName());
                        request.response().end();
                      })
                  .listen(0, "::1"));
      String to = "https://" + host + ":" + server.actualPort() + "/in";
      HttpClient client =
          vertx.createHttpClient(
              new HttpClientOptions()
                  .setTrustOptions(new PemTrustOptions().addCertPath(certificate.toString())));
      Sink.Answer answer = Awaited.get(sink(vertx, client, to).post(DELIVERY));
      if (answer instanceof Sink.Answer.Status) {
        assertThat(named).containsExactly(host + ":" + server.actualPort(), sni);
      }
      return answer;
    } finally {
      Awaited.get(vertx.close());
    }
  }

  private Sink sink(Vertx vertx, HttpClient client, String to) throws IOException {
    Path file = folder.resolve("gatehouse.yaml");
    Files.writeString(file, Fixture.yaml("deliver:\n  to: \"" + to + "\"\n"));
    Deliver deliver = ConfigReader.create().read(file).sources().get(0).deliver().orElseThrow();
    ManualClock clock = new ManualClock(Fixture.NOW);
    return new HttpSink(
        vertx,
        client,
        name -> {
          assertThat(name).as("an address is not looked up").isEqualTo("name.example");
          return Future.succeededFuture(List.of(AddressRange.literal("::1").orElseThrow()));
        },
        clock,
        Duration.ofSeconds(30),
        new Destination(URI.create(to), true),
        new DeliveryHeaders("hook", deliver, to, clock));
  }

  private static void keytool(Path store, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(Arrays.asList(arguments));
    command.addAll(List.of("-alias", "s", "-keystore", store.toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("keytool: " + said);
    }
  }
}
