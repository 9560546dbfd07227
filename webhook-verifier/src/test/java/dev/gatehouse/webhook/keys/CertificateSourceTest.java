package dev.gatehouse.webhook.keys;

import static dev.gatehouse.webhook.keys.KeyServer.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.ValueSource;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Certificates and PEM keys at URLs that requests name, over real https. */
class CertificateSourceTest {
  private static final LocalAuthority AUTHORITY = new LocalAuthority("Local Test CA");
  private static final String HOST = "sns.eu-west-1.amazonaws.com";
  private static final String URL =
      "https://" + HOST + "/SimpleNotificationService-0123456789abcdef.pem";
  private static final KeyLocation.Certificate RULE = rule(false);
  private static Vertx vertx;

  private KeyServer server;

  private static KeyLocation.Certificate rule(boolean loneLeaf) {
    return new KeyLocation.Certificate(
        new ValueSource(ValueSource.Kind.JSON, "/SigningCertURL"),
        List.of("sns.*.amazonaws.com", "sns.*.amazonaws.com.cn"),
        List.of("/SimpleNotificationService-*.pem"),
        List.of("sns.amazonaws.com"),
        loneLeaf);
  }

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() {
    await(vertx.close());
  }

  @BeforeEach
  void serve() {
    server = new KeyServer(vertx, AUTHORITY, HOST, "keys.install.example");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private KeySource source() {
    return source(RULE);
  }

  private KeySource source(KeyLocation location) {
    return KeySource.published(
        vertx,
        location,
        server.options().certificateAuthorities(List.of(AUTHORITY.certificate())).build());
  }

  private static KeyReference at(String url) {
    return new KeyReference.ByUrl(url);
  }

  @Test
  void certificate_ofTheSubject_isItsKeyWithItsDates() {
    LocalAuthority.Issued issued = AUTHORITY.issue("sns.amazonaws.com");
    server.serving(issued.pem());
    KeySource source = source();

    List<PublishedKey> keys = await(source.find(at(URL)));

    assertThat(keys).hasSize(1);
    assertThat(keys.get(0).key()).isEqualTo(issued.pair().getPublic());
    assertThat(keys.get(0).notBefore()).isEqualTo(Instant.parse("2020-01-01T00:00:00Z"));
    assertThat(keys.get(0).notAfter()).isEqualTo(Instant.parse("2049-01-01T00:00:00Z"));
    assertThat(await(source.find(at(URL)))).hasSize(1);
    assertThat(server.asked).hasValue(1);
  }

  @Test
  void certificate_withItsIssuerBehindIt_isAccepted() {
    server.serving(AUTHORITY.issue("sns.amazonaws.com").pem() + AUTHORITY.pem());

    assertThat(await(source().find(at(URL)))).hasSize(1);
  }

  @Test
  void certificate_expired_keepsItsEnd() {
    Instant end = Instant.parse("2022-01-01T00:00:00Z");
    Instant begin = Instant.parse("2021-01-01T00:00:00Z");
    server.serving(AUTHORITY.issue(begin, end, "sns.amazonaws.com").pem());

    assertThat(await(source().find(at(URL))).get(0).notAfter()).isEqualTo(end);
  }

  @Test
  void certificate_alternativeName_isASubject() {
    server.serving(AUTHORITY.issue("Own", "sns.amazonaws.com").pem());

    assertThat(await(source().find(at(URL)))).hasSize(1);
  }

  private void assertRefused(KeyLocation location, String document, String why) {
    server.serving(document);
    assertThatThrownBy(() -> await(source(location).find(at(URL))))
        .hasCauseInstanceOf(KeysUnavailableException.class)
        .hasStackTraceContaining(why);
  }

  @Test
  void certificate_ofAnotherSubject_isRefused() {
    assertRefused(RULE, AUTHORITY.issue("sns.amazonaws.com.evil.example").pem(), "subject");
    assertRefused(RULE, AUTHORITY.issue("x.sns.amazonaws.com").pem(), "subject");
  }

  @Test
  void certificate_ofAnotherAuthority_isRefused() {
    LocalAuthority other = new LocalAuthority("Local Test CA");
    String leaf = other.issue("sns.amazonaws.com").pem();

    assertRefused(RULE, leaf, "nobody who is trusted");
    assertRefused(RULE, leaf + other.pem(), "nobody who is trusted");
    assertRefused(rule(true), leaf, "nobody who is trusted");
  }

  @Test
  void certificate_issuedByALeaf_isRefused() {
    LocalAuthority.Issued leaf = AUTHORITY.issue("sns.amazonaws.com");
    assertRefused(
        RULE,
        new LocalAuthority("sns.amazonaws.com").issue("sns.amazonaws.com").pem() + leaf.pem(),
        "nobody who is trusted");
  }

  @Test
  void certificate_ofAnAuthorityItself_isRefused() {
    assertRefused(RULE, new LocalAuthority("sns.amazonaws.com").pem(), "is");
  }

  @Test
  void certificate_thatIsNone_isRefused() {
    assertRefused(RULE, "<html>", "is not a certificate");
    assertRefused(
        RULE,
        LocalAuthority.pem("CERTIFICATE", new byte[] {48, 3, 2, 1, 1}),
        "is not a certificate");
  }

  @Test
  void certificate_aloneWhereTheSenderServesItSo_isVouchedForByItsPlace() {
    server.serving(new LocalAuthority("Unknown CA").issue("sns.amazonaws.com").pem());
    KeySource source = KeySource.published(vertx, rule(true), server.options().build());

    assertThat(await(source.find(at(URL)))).hasSize(1);
  }

  @Test
  void certificate_notThere_isNoKeyAndRemembered() {
    server.answering(request -> request.response().setStatusCode(404).end());
    KeySource source = source();

    for (int i = 0; i < 10; i++) {
      assertThat(await(source.find(at(URL)))).isEmpty();
    }
    assertThat(server.asked).hasValue(1);
  }

  @Test
  void place_thatHadToWaitForOthers_isAskedAsSoonAsItCanBe() throws InterruptedException {
    java.util.concurrent.BlockingQueue<io.vertx.core.http.HttpServerRequest> held =
        new java.util.concurrent.LinkedBlockingQueue<>();
    server.answering(held::add);
    KeySource source =
        KeySource.published(
            vertx,
            RULE,
            server
                .options()
                .maxFetches(1)
                .certificateAuthorities(List.of(AUTHORITY.certificate()))
                .build());
    io.vertx.core.Future<List<PublishedKey>> first = source.find(at(URL.replace("0123", "x")));
    var slow = held.poll(10, java.util.concurrent.TimeUnit.SECONDS);
    assertThat(slow).isNotNull();

    assertThatThrownBy(() -> await(source.find(at(URL)))).hasStackTraceContaining("too many");
    slow.response().setStatusCode(404).end();
    assertThat(await(first)).isEmpty();
    server.serving(GOOD.pem());
    assertThat(await(source.find(at(URL)))).hasSize(1);
  }

  @Test
  void places_namedAtRandom_doNotDriveOutTheGoodOne() {
    server.answering(
        request -> {
          boolean good = request.path().contains("0123456789abcdef");
          request.response().setStatusCode(good ? 200 : 404);
          request.response().end(good ? GOOD.pem() : "");
        });
    KeySource source = source();
    await(source.find(at(URL)));
    await(source.find(at(URL)));
    for (int i = 0; i < 300; i++) {
      await(source.find(at(URL.replace("0123456789abcdef", "x" + i))));
    }

    assertThat(source.atHand(at(URL))).isPresent();
  }

  private static final LocalAuthority.Issued GOOD = AUTHORITY.issue("sns.amazonaws.com");

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-a.pem",
        "https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com:444/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com:443/SimpleNotificationService-a.pem",
        "https://SNS.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "HTTPS://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com./SimpleNotificationService-a.pem",
        "https://sns.eu.west.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns..amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.-.amazonaws.com/SimpleNotificationService-a.pem",
        "https://xsns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.xamazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com.cn.evil/SimpleNotificationService-a.pem",
        "https://s3.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.аmazonaws.com/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.xn--mazonaws-4fg.com/SimpleNotificationService-a.pem",
        "https://127.0.0.1/SimpleNotificationService-a.pem",
        "https://[::1]/SimpleNotificationService-a.pem",
        "https://2130706433/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com/other.pem",
        "https://sns.eu-west-1.amazonaws.com/x/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a/../../b.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-%2e%2e.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem?x=1",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem#x",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem\n",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/SimpleNotificationService-a.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-.pem",
        " https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "//sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem",
        "file:///SimpleNotificationService-a.pem",
        ""
      })
  void certificate_urlThatNoHonestSenderWrites_isNotAsked(String url) {
    assertThat(CertificateUrl.of(RULE).accept(url)).isEmpty();
    assertThat(await(source().find(at(url)))).isEmpty();
    assertThat(server.asked).hasValue(0);
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {
        "https://sns.us-gov-east-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183f.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-a.pem"
      })
  void certificate_urlOfTheRule_isAccepted(String url) {
    assertThat(CertificateUrl.of(RULE).accept(url)).isPresent();
  }

  @Test
  void pem_byKid_isAskedForThatKidOnly() {
    server.answering(
        request ->
            request
                .response()
                .setStatusCode(request.path().equals("/k-1") ? 200 : 404)
                .end(LocalAuthority.pem("PUBLIC KEY", GOOD.pair().getPublic().getEncoded())));
    KeySource source = source(new KeyLocation.PemByKid("https://keys.install.example/{kid}"));

    assertThat(await(source.find(new KeyReference.ByKid("k-1"))).get(0).key())
        .isEqualTo(GOOD.pair().getPublic());
    assertThat(await(source.find(new KeyReference.ByKid("k-2")))).isEmpty();
    assertThat(server.asked).hasValue(2);
    for (String kid : List.of("../k-1", "k-1/", "k-1?x", "k%2d1", "", ".", "..", "k 1", "é")) {
      assertThat(await(source.find(new KeyReference.ByKid(kid)))).as(kid).isEmpty();
    }
    assertThat(server.asked).hasValue(2);
  }
}
