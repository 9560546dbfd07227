package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.core.jwt.CertificatePrincipals;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real TLS: who shows which certificate, over HTTP/1.1 and HTTP/2. */
class SecureDoorTest {
  private static final String PASSWORD = "only-for-tests";
  private static final String NAMES = "spiffe://example.org/";

  @TempDir private static Path folder;
  private static Buffer serverCertificate;
  private static PemTrustOptions trusted;
  private Door door;

  /** A key with a certificate that it signs itself, as the JDK's keytool makes one. */
  private static Buffer made(String name, String issuer, String extension) {
    try {
      keytool(name, "-genkeypair", "-keyalg", "EC", "-dname", "CN=" + issuer, "-ext", extension);
      Path file = folder.resolve(name + ".pem");
      keytool(name, "-exportcert", "-rfc", "-file", file.toString());
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void keytool(String name, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of("-alias", "a", "-keystore", store(name).getPath(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  private static PfxOptions store(String name) {
    return new PfxOptions().setPath(folder.resolve(name + ".p12").toString()).setPassword(PASSWORD);
  }

  @BeforeAll
  static void makeCertificates() {
    serverCertificate = made("server", "localhost", "san=dns:localhost");
    trusted =
        new PemTrustOptions()
            .addCertValue(made("billing", "billing", "san=uri:" + NAMES + "billing"))
            .addCertValue(made("unknown", "unknown", "san=uri:" + NAMES + "unknown"));
    // of the issuer's name too, without which no client would show it
    made("foreign", "billing", "san=uri:" + NAMES + "billing");
  }

  @BeforeEach
  void open() {
    CertificatePrincipals services =
        CertificatePrincipals.create(
            NAMES,
            name ->
                name.equals("billing")
                    ? Optional.of(new CertificatePrincipals.Service(Set.of(), TenantId.of("acme")))
                    : Optional.empty(),
            InstantSource.system());
    door =
        Door.with()
            .service(builder -> builder.certificates(services))
            .server(
                options ->
                    options
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setKeyCertOptions(store("server"))
                        .setClientAuth(ClientAuth.REQUEST)
                        .setTrustOptions(trusted))
            .open();
  }

  @AfterEach
  void close() {
    door.close();
  }

  private HttpClient client(HttpVersion version, @Nullable String certificate) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(true)
            .setUseAlpn(true)
            .setProtocolVersion(version)
            .setTrustOptions(new PemTrustOptions().addCertValue(serverCertificate));
    return door.vertx.createHttpClient(
        certificate == null ? options : options.setKeyCertOptions(store(certificate)));
  }

  /** An answer: with which version, its status, and its body. */
  private record Answer(HttpVersion version, int status, String body) {}

  private static Buffer document(String text) {
    return new JsonObject().put("query", text).toBuffer();
  }

  private Future<HttpClientRequest> request(HttpClient client) {
    return client.request(HttpMethod.POST, door.port(), "localhost", "/graphql");
  }

  private Answer query(HttpClient client, String text) {
    return Door.await(
        request(client)
            .compose(
                request ->
                    request.putHeader("Content-Type", "application/json").send(document(text)))
            .compose(SecureDoorTest::answer));
  }

  private static Future<Answer> answer(HttpClientResponse response) {
    return response
        .body()
        .map(body -> new Answer(response.version(), response.statusCode(), body.toString()));
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void service_withItsCertificate_isThePrincipal(HttpVersion version) {
    Answer known = query(client(version, "billing"), "{ context }");
    assertThat(known.version()).isEqualTo(version);
    assertThat(known.body()).contains("Principal[SERVICE billing of acme]");

    Answer nobody = query(client(version, null), "{ context }");
    assertThat(nobody.body()).contains("nobody");
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void certificate_trustedButOfNoKnownService_isRefusedAndNotTakenForNobody(HttpVersion version) {
    Answer refused = query(client(version, "unknown"), "{ hello }");

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body()).contains("UNAUTHENTICATED").doesNotContain("unknown");
    assertThat(door.hellos).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void certificate_ofAnotherAuthorityUnderTheSameName_endsTheHandshake(HttpVersion version) {
    Future<HttpClientResponse> sent =
        request(client(version, "foreign"))
            .compose(
                request ->
                    request
                        .putHeader("Content-Type", "application/json")
                        .send(document("{ hello }")));

    assertThat(Door.await(sent.map(false).otherwise(true))).isTrue();
    assertThat(door.hellos).hasValue(0);
  }

  @Test
  void stream_overHttp2_isOneOfManyOnAConnectionAndItsEndIsHeard() {
    HttpClient client = client(HttpVersion.HTTP_2, "billing");
    List<String> first = new ArrayList<>();
    HttpClientResponse[] streams = new HttpClientResponse[2];
    for (int i = 0; i < streams.length; i++) {
      streams[i] =
          Door.await(
              request(client)
                  .compose(
                      request ->
                          request
                              .putHeader("Content-Type", "application/json")
                              .putHeader("Accept", "text/event-stream")
                              .send(document("subscription { never { number } }"))));
      assertThat(streams[i].statusCode()).isEqualTo(200);
      assertThat(streams[i].version()).isEqualTo(HttpVersion.HTTP_2);
      first.add(streams[i].getHeader("Content-Type"));
    }
    assertThat(first).allMatch(type -> type.startsWith("text/event-stream"));
    assertThat(streams[0].request().connection()).isSameAs(streams[1].request().connection());
    Eventually.holds(() -> door.ticks.open.get() == 2);

    streams[0].request().reset(8);

    Eventually.holds(() -> door.ticks.open.get() == 1);
    // the connection goes on, and so does the other stream
    assertThat(query(client, "{ context }").body()).contains("SERVICE billing of acme");
    assertThat(door.ticks.open).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void head_isRefusedWithoutABody(HttpVersion version) {
    HttpClient client = client(version, null);
    for (String accept : List.of("application/json", "text/event-stream")) {
      Answer refused =
          Door.await(
              client
                  .request(HttpMethod.HEAD, door.port(), "localhost", "/graphql?query=%7Bhello%7D")
                  .compose(request -> request.putHeader("Accept", accept).send())
                  .compose(SecureDoorTest::answer));

      assertThat(refused).isEqualTo(new Answer(version, 405, ""));
    }
    Door.await(client.close());
    assertThat(door.hellos).hasValue(0);
  }

  @Test
  void operation_overHttp2ThatItsClientResets_isCancelled() {
    HttpClient client = client(HttpVersion.HTTP_2, "billing");
    HttpClientRequest request = Door.await(request(client));
    request.putHeader("Content-Type", "application/json").send(document("{ hang }"));
    Eventually.holds(door.hanging::isDone);

    request.reset(8);

    Eventually.holds(() -> door.cancellations.get() == 1);
  }
}
