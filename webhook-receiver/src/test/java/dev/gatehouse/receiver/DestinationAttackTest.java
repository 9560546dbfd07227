package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gatehouse.core.AddressRange;
import dev.gatehouse.core.Problems;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries are led nowhere that the operator did not mean. */
class DestinationAttackTest {
  @TempDir Path folder;
  private final Target target = Target.start();

  @AfterEach
  void close() {
    target.close();
  }

  private static InetAddress address(String text) {
    return AddressRange.literal(text).orElseThrow();
  }

  private String yaml(String to, String more) {
    return Fixture.yaml("deliver:\n  to: \"" + to + "\"\n  retry: { attempts: 1 }\n" + more);
  }

  @Test
  void nameServer_thatAnswersTheConnectionOtherwise_isNotAskedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Destination.Resolver rebinding =
        name ->
            Future.succeededFuture(
                List.of(
                    asked.incrementAndGet() == 1
                        ? address("127.0.0.1")
                        : address("169.254.169.254")));
    String to = "http://rebind.example:" + target.port() + "/in";
    try (Fixture it =
        Fixture.start(folder, yaml(to, "  allowPrivate: true\n"), b -> b.resolver(rebinding))) {
      it.send("m1", "{}");
      target.next();
      it.awaitState(it.deliveries().get(0).getString("id"), "delivered");
      assertThat(asked).hasValue(1);

      // the next attempt asks anew, and what it hears is judged anew
      it.send("m2", "{}");
      assertThat(
              it.awaitState(it.deliveries().get(1).getString("id"), "dead").getString("lastError"))
          .isEqualTo("the name in deliver.to leads to a link-local address");
      assertThat(target.waiting()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost.", "LOCALHOST", "ip6-localhost"})
  void name_thatResolversTakeForThisMachine_isRefusedOrUnknown(String host) throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Destination to = new Destination(URI.create("http://" + host + "/"), false);
      Future<InetAddress> judged = to.address(Names.system(vertx));
      // a name server that does not answer is asked several times, for seconds each
      Throwable refused =
          judged.transform(r -> Future.succeededFuture(r.cause())).await(120, TimeUnit.SECONDS);

      assertThat(refused)
          .isInstanceOfAny(Destination.RefusedException.class, java.net.UnknownHostException.class);
    } finally {
      Awaited.get(vertx.close());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:192.168.0.1",
        "::ffff:0:a00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:c0a8:1::",
        "fd00:ec2::254"
      })
  void name_leadingThere_isPrivate(String text) {
    Destination to = new Destination(URI.create("http://name.example/"), false);
    Future<InetAddress> judged = to.address(name -> Future.succeededFuture(List.of(address(text))));

    assertThat(judged.cause()).isInstanceOf(Destination.RefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[fe80::1]/",
        "http://user@169.254.169.254/",
        "http://user:pw@example.com/",
        "http://example.com#@10.0.0.1/",
        "http://exa mple.com/",
        "http://example.com:99999/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1./",
        "http://0/",
        "http://[fe80::1%25lo]/",
        "//example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "ftp://example.com/",
        "http://"
      })
  void url_thatMayMeanSomethingElse_isNoConfiguration(String to) {
    Problems.InvalidException refused =
        catchThrowableOfType(
            Problems.InvalidException.class,
            () -> ConfigReader.create().read(yaml(to, ""), folder));

    assertThat(refused.problems())
        .extracting(Problems.Problem::path)
        .contains("sources.hook.deliver.to");
    assertThat(refused.getMessage()).doesNotContain("pw@");
  }

  @Test
  void redirect_toAnywhere_isAnAnswerAndNotFollowed() throws Exception {
    target.then(
        request ->
            request
                .response()
                .setStatusCode(307)
                .putHeader("Location", "http://169.254.169.254/latest")
                .end());
    try (Fixture it = Fixture.start(folder, yaml(target.url(), ""))) {
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");

      assertThat(it.awaitState(id, "dead").getInteger("lastStatus")).isEqualTo(307);
      assertThat(target.waiting()).isZero();
    }
  }

  @Test
  void lookup_whileManyNamesHang_waitsForNoneOfThem() throws Exception {
    Vertx vertx = Vertx.vertx();
    CountDownLatch over = new CountDownLatch(1);
    Names names =
        new Names(
            vertx,
            name -> {
              if (name.startsWith("hanging")) {
                awaitUninterruptibly(over);
              }
              return new InetAddress[] {address("192.0.2.1")};
            });
    try {
      List<Future<List<InetAddress>>> hanging =
          IntStream.range(0, 100).mapToObj(i -> names.resolve("hanging-" + i)).toList();

      assertThat(Awaited.get(names.resolve("quick"))).containsExactly(address("192.0.2.1"));
      assertThat(hanging).noneMatch(Future::isComplete);
    } finally {
      over.countDown();
      Awaited.get(names.close());
      Awaited.get(vertx.close());
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void lookups_ofOneName_areOneAtATime() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Names names = Names.system(vertx);
      Future<List<InetAddress>> one = names.resolve("localhost");
      Future<List<InetAddress>> two = names.resolve("localhost");
      Future<List<InetAddress>> other = names.resolve("127.0.0.1");

      assertThat(Awaited.get(other)).containsExactly(address("127.0.0.1"));
      assertThat(Awaited.get(one)).isEqualTo(Awaited.get(two));
    } finally {
      Awaited.get(vertx.close());
    }
  }
}
