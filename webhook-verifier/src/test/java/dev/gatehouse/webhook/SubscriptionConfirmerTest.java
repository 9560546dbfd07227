package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.HandshakeSchemes.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatehouse.core.AddressRules;
import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.webhook.RawClient.Answer;
import dev.gatehouse.webhook.SubscriptionConfirmer.Result;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.keys.LocalAddress;
import dev.gatehouse.webhook.scheme.Scheme;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemTrustOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that confirm a subscription: where they go, and all the places where they must not. */
class SubscriptionConfirmerTest {
  private static final String HOST = "sns.eu-1.example.com";
  private static final String QUERY = "/?Action=ConfirmSubscription&Token=t0k3n";

  // The server of these tests stands on this machine, where no call would go.
  private static boolean none(InetAddress refused) {
    return false;
  }

  @TempDir static Path folder;
  private final List<String> called = new CopyOnWriteArrayList<>();

  private LocalHttps server(Handler<HttpServerRequest> then) throws Exception {
    return LocalHttps.open(
        folder,
        HOST,
        request -> {
          called.add(request.method() + " " + request.authority().host() + request.uri());
          then.handle(request);
        });
  }

  private static Function<String, Future<List<InetAddress>>> resolvesTo(String... addresses) {
    List<InetAddress> all = new ArrayList<>();
    for (String address : addresses) {
      all.add(literal(address));
    }
    return name -> Future.succeededFuture(all);
  }

  private static InetAddress literal(String address) {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static SubscriptionConfirmer confirmer(
      LocalHttps server, PemTrustOptions trust, Predicate<InetAddress> refused, int millis) {
    return new SubscriptionConfirmer(
        server.vertx,
        new HttpClientOptions().setTrustOptions(trust),
        resolvesTo("127.0.0.1"),
        refused,
        Duration.ofMillis(millis));
  }

  private static URI url(LocalHttps server) {
    return URI.create("https://" + HOST + ":" + server.port() + QUERY);
  }

  @Test
  void confirm_ofAServerThatTakesIt_callsItOnce() throws Exception {
    try (LocalHttps server = server(request -> request.response().end("<ok/>"));
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 20_000)) {
      assertThat(Hook.await(confirmer.confirm(url(server)))).isEqualTo(Result.CONFIRMED);
      assertThat(called).containsExactly("GET " + HOST + QUERY);
    }
  }

  @Test
  void confirm_ofANameWithAnIpv6Address_callsIt() throws Exception {
    assumeTrue(LocalAddress.has("::1"), "this machine has no IPv6 loopback address");
    try (LocalHttps server =
            LocalHttps.openAt("::1", folder, HOST, request -> request.response().end());
        SubscriptionConfirmer confirmer =
            new SubscriptionConfirmer(
                server.vertx,
                new HttpClientOptions().setTrustOptions(server.trust()),
                resolvesTo("::1"),
                SubscriptionConfirmerTest::none,
                Duration.ofSeconds(20))) {
      assertThat(Hook.await(confirmer.confirm(url(server)))).isEqualTo(Result.CONFIRMED);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308, 400, 403, 500})
  void confirm_ofARedirectOrAnError_isNotFollowedNorRepeated(int status) throws Exception {
    try (LocalHttps server =
            server(
                request ->
                    request
                        .response()
                        .setStatusCode(status)
                        .putHeader("Location", "/elsewhere")
                        .end());
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 20_000)) {
      assertThat(Hook.await(confirmer.confirm(url(server)))).isEqualTo(Result.CONFIRMATION_STATUS);
      assertThat(called).hasSize(1);
    }
  }

  @Test
  void confirm_ofACertificateThatNobodyVouchesFor_sendsNothing() throws Exception {
    try (LocalHttps server = server(request -> request.response().end());
        SubscriptionConfirmer strict =
            new SubscriptionConfirmer(
                server.vertx,
                new HttpClientOptions(),
                resolvesTo("127.0.0.1"),
                SubscriptionConfirmerTest::none,
                Duration.ofSeconds(20))) {
      assertThat(Hook.await(strict.confirm(url(server))))
          .isEqualTo(Result.CONFIRMATION_UNREACHABLE);
      assertThat(called).isEmpty();
    }
  }

  @Test
  void confirm_ofACertificateForAnotherHost_sendsNothing() throws Exception {
    try (LocalHttps server = server(request -> request.response().end());
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 20_000)) {
      URI other = URI.create("https://sns.eu-2.example.com:" + server.port() + QUERY);
      assertThat(Hook.await(confirmer.confirm(other))).isEqualTo(Result.CONFIRMATION_UNREACHABLE);
      assertThat(called).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "8.8.8.8,10.0.0.1",
      })
  void confirm_ofANameThatLeadsInside_callsNothing(String addresses) throws Exception {
    try (LocalHttps server = server(request -> request.response().end());
        SubscriptionConfirmer confirmer =
            new SubscriptionConfirmer(
                server.vertx,
                new HttpClientOptions().setTrustOptions(server.trust()),
                resolvesTo(addresses.split(",")),
                AddressRules::isPrivate,
                Duration.ofSeconds(20))) {
      assertThat(Hook.await(confirmer.confirm(url(server))))
          .isEqualTo(Result.CONFIRMATION_ADDRESS_REFUSED);
      assertThat(called).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://sns.eu-1.example.com/", "file:///etc/passwd", "https:/x"})
  void confirm_ofAnythingButHttps_callsNothing(String url) throws Exception {
    try (LocalHttps server = server(request -> request.response().end());
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 20_000)) {
      assertThat(Hook.await(confirmer.confirm(URI.create(url))))
          .isEqualTo(Result.CONFIRMATION_ADDRESS_REFUSED);
    }
  }

  @Test
  void confirm_ofAServerThatNeverAnswers_endsInTime() throws Exception {
    Promise<Void> hungUp = Promise.promise();
    try (LocalHttps server =
            server(request -> request.connection().closeHandler(closed -> hungUp.tryComplete()));
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 5_000)) {
      assertThat(Hook.await(confirmer.confirm(url(server)))).isEqualTo(Result.CONFIRMATION_TIMEOUT);
      Hook.await(hungUp.future().otherwiseEmpty());
    }
  }

  @Test
  void confirm_ofANameThatNeverResolves_endsInTime() throws Exception {
    try (LocalHttps server = server(request -> request.response().end());
        SubscriptionConfirmer confirmer =
            new SubscriptionConfirmer(
                server.vertx,
                new HttpClientOptions(),
                name -> Promise.<List<InetAddress>>promise().future(),
                SubscriptionConfirmerTest::none,
                Duration.ofMillis(50))) {
      assertThat(Hook.await(confirmer.confirm(url(server)))).isEqualTo(Result.CONFIRMATION_TIMEOUT);
    }
  }

  @Test
  void confirm_ofAnEndlessAnswer_hangsUp() throws Exception {
    Promise<Void> hungUp = Promise.promise();
    try (LocalHttps server =
            server(
                request -> {
                  request.connection().closeHandler(closed -> hungUp.tryComplete());
                  request.response().setChunked(true);
                  for (int i = 0; i < 32; i++) {
                    request.response().write(Buffer.buffer(new byte[8 * 1024]));
                  }
                });
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 60_000)) {
      assertThat(Hook.await(confirmer.confirm(url(server)))).isEqualTo(Result.CONFIRMED);
      Hook.await(hungUp.future());
    }
  }

  @Test
  void confirm_aboveTheLimit_isNotCalled() throws Exception {
    List<HttpServerRequest> waiting = new CopyOnWriteArrayList<>();
    try (LocalHttps server = server(waiting::add);
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 5_000)) {
      List<Future<Result>> all = new ArrayList<>();
      for (int i = 0; i < SubscriptionConfirmer.MAX_IN_FLIGHT; i++) {
        all.add(confirmer.confirm(url(server)));
      }
      assertThat(Hook.await(confirmer.confirm(url(server)))).isEqualTo(Result.CONFIRMATION_BUSY);
      for (Future<Result> each : all) {
        assertThat(Hook.await(each)).isEqualTo(Result.CONFIRMATION_TIMEOUT);
      }
      URI elsewhere = URI.create("https://" + HOST + ":1" + QUERY);
      assertThat(Hook.await(confirmer.confirm(elsewhere)))
          .as("the places are free again")
          .isEqualTo(Result.CONFIRMATION_UNREACHABLE);
    }
  }

  // --- which URLs get that far

  private static Scheme sns(int port) {
    return HandshakeSchemes.with(HandshakeSchemes.SNS.replace("443", Integer.toString(port)));
  }

  private static String confirmation(String url, String topic) {
    return "{\"Type\":\"SubscriptionConfirmation\",\"TopicArn\":\""
        + topic
        + "\",\"SubscribeURL\":\""
        + url
        + "\"}";
  }

  private static Verification verdict(WebhookVerifier verifier, String body) {
    Header signature = new Header("X-Own-Signature", HandshakeSchemes.signature(body));
    return verifier.verify(WebhookRequest.post("", Headers.of(List.of(signature)), body));
  }

  private static WebhookVerifier.Builder confirming(
      WebhookVerifier.Builder builder, SubscriptionConfirmer confirmer) {
    return builder
        .param("topic_arns", "arn:own:a,arn:own:b")
        .dangerouslyConfirmSubscriptions(confirmer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://sns.eu-1.example.com.evil.com/?Action=ConfirmSubscription",
        "https://evil.com/?Action=ConfirmSubscription",
        "https://evilsns.eu-1.example.com/?Action=ConfirmSubscription",
        "https://sns.eu-1.x.example.com/?Action=ConfirmSubscription",
        "https://sns..example.com/?Action=ConfirmSubscription",
        "https://sns.example.com/?Action=ConfirmSubscription",
        "https://sns.eu-1.example.com./?Action=ConfirmSubscription",
        "https://SNS.EU-1.EXAMPLE.COM/?Action=ConfirmSubscription",
        "https://sns.eu-1.example.com@evil.com/?Action=ConfirmSubscription",
        "https://user:x@sns.eu-1.example.com/?Action=ConfirmSubscription",
        "https://evil.com#@sns.eu-1.example.com/?Action=ConfirmSubscription",
        "https://evil.com\\\\@sns.eu-1.example.com/?Action=ConfirmSubscription",
        "https://sns.eu-1.example.com:8443/?Action=ConfirmSubscription",
        "https://sns.eu-1.example.com:443x/?Action=ConfirmSubscription",
        "https://sns.eu-1.example.com/?Action=ConfirmSubscription#x",
        "http://sns.eu-1.example.com/?Action=ConfirmSubscription",
        "HTTPS://sns.eu-1.example.com/?Action=ConfirmSubscription",
        "//sns.eu-1.example.com/?Action=ConfirmSubscription",
        "https://127.0.0.1/?Action=ConfirmSubscription",
        "https://[::1]/?Action=ConfirmSubscription",
        "https://2130706433/?Action=ConfirmSubscription",
        "https://sns.eu-1.example.com/?Action=Unsubscribe",
        "https://sns.eu-1.example.com/?Action=ConfirmSubscription&Action=Unsubscribe",
        "https://sns.eu-1.example.com/?Action=Unsubscribe&action=ConfirmSubscription",
        "https://sns.eu-1.example.com/",
        "https://sns.eu-1.example.com/\\u0000?Action=ConfirmSubscription",
        "https://sns.eu-1.example.com/ HTTP/1.1\\r\\nX: y?Action=ConfirmSubscription",
        "https://sns.eu\\u002d1.ex\\u0430mple.com/?Action=ConfirmSubscription",
        "",
      })
  void subscribeUrl_ofAnotherHostOrForm_isRefused(String url) throws Exception {
    try (LocalHttps server = server(request -> request.response().end());
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 1_000)) {
      WebhookVerifier verifier =
          confirming(
                  WebhookVerifier.builder(sns(443)).secrets(Requests.secrets(Hook.SECRET)),
                  confirmer)
              .build();

      assertThat(Requests.verdict(verdict(verifier, confirmation(url, "arn:own:a"))))
          .isEqualTo("handshake_refused");
      String good = "https://sns.eu-1.example.com/?Action=ConfirmSubscription&Token=a";
      Verification.Handshake right =
          (Verification.Handshake) verdict(verifier, confirmation(good, "arn:own:b"));
      assertThat(right.confirmation()).isEqualTo(URI.create(good));
      assertThat(Requests.verdict(verdict(verifier, confirmation(good, "arn:evil:a"))))
          .isEqualTo("handshake_refused");
    }
  }

  @Test
  void subscriptionConfirmation_notSwitchedOn_isADeliveryAndCallsNothing() {
    WebhookVerifier verifier = HandshakeSchemes.verifier(sns(443), "topic_arns", "arn:own:a");
    String body = confirmation("https://sns.eu-1.example.com" + QUERY, "arn:own:a");

    assertThat(Requests.verdict(verdict(verifier, body))).isEqualTo("verified");
  }

  @Test
  void switch_withoutTopicsOrWithoutAnythingToConfirm_isRefused() throws Exception {
    try (LocalHttps server = server(request -> request.response().end());
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 1_000)) {
      WebhookVerifier.Builder noTopics =
          WebhookVerifier.builder(sns(443))
              .secrets(Requests.secrets(Hook.SECRET))
              .dangerouslyConfirmSubscriptions(confirmer);
      WebhookVerifier.Builder nothing =
          WebhookVerifier.builder(HandshakeSchemes.with(HandshakeSchemes.HEAD))
              .secrets(Requests.secrets(Hook.SECRET))
              .dangerouslyConfirmSubscriptions(confirmer);

      assertThatThrownBy(noTopics::build).hasMessageContaining("topic_arns is missing");
      assertThatThrownBy(nothing::build).hasMessageContaining("no subscription to confirm");
    }
  }

  @Test
  void subscriptionConfirmation_overHttp_isAnsweredAtOnceConfirmedAndAudited() throws Exception {
    Promise<HttpServerRequest> held = Promise.promise();
    try (LocalHttps server = server(held::complete);
        SubscriptionConfirmer confirmer =
            confirmer(server, server.trust(), SubscriptionConfirmerTest::none, 30_000);
        Hook hook =
            Hook.open(sns(server.port()), verifier -> confirming(verifier, confirmer), o -> o)) {
      String body = confirmation(url(server).toString(), "arn:own:a");
      Answer answer = hook.send(post("/hook", body));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      HttpServerRequest call = Hook.await(held.future());
      assertThat(hook.audited(AuditEvent.Outcome.ALLOWED)).hasSize(1);
      call.response().end();
      AuditEvent confirmed = awaitAudit(hook, "confirm");

      assertThat(confirmed.outcome()).isEqualTo(AuditEvent.Outcome.ALLOWED);
      assertThat(confirmed.details().get("host").text()).isEqualTo(HOST);
      assertThat(hook.audit.events().toString()).doesNotContain("t0k3n");
      assertThat(hook.runs).hasValue(0);
      Answer unsigned =
          hook.send(HandshakeSchemes.unsigned("POST", "/hook", body, "X-Own-Signature: sha256=00"));
      assertThat(unsigned.status()).isEqualTo(400);
      assertThat(called).hasSize(1);
    }
  }

  private static AuditEvent awaitAudit(Hook hook, String action) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < until) {
      for (AuditEvent event : hook.audit.events()) {
        if (event.action().equals(action)) {
          return event;
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no " + action + " was audited");
  }
}
