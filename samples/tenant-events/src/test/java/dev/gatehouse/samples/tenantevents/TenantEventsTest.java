package dev.gatehouse.samples.tenantevents;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantEventsTest {
  private static final List<String> BROWSERS =
      List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome");

  private final Vertx vertx = Vertx.vertx();
  private WebClient web;
  private HttpServer server;

  @BeforeEach
  void start() {
    server = await(TenantEvents.start(vertx, 0));
    web = WebClient.create(vertx);
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("it did not come about", e);
    }
  }

  private HttpResponse<?> post(String path, String cookie) {
    return await(
        web.post(server.actualPort(), "127.0.0.1", path).putHeader("Cookie", cookie).send());
  }

  @Test
  void post_fromAPageOfAnotherOrigin_is403AndBeginsNoSession() {
    String ann = signIn("ann");
    for (String site : List.of("cross-site", "same-site")) {
      for (String path : List.of("/session/ann", "/orders")) {
        HttpResponse<?> answer =
            await(
                web.post(server.actualPort(), "127.0.0.1", path)
                    .putHeader("Cookie", ann)
                    .putHeader("Sec-Fetch-Site", site)
                    .send());
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.cookies()).isEmpty();
      }
    }
  }

  private String signIn(String name) {
    HttpResponse<?> answer = post("/session/" + name, "");
    assertThat(answer.statusCode()).isEqualTo(204);
    String cookie = answer.cookies().get(0);
    assertThat(cookie).containsIgnoringCase("; HttpOnly").contains("; SameSite=Strict");
    return cookie.substring(0, cookie.indexOf(';'));
  }

  @Test
  void orders_withoutASession_are401() {
    assertThat(post("/orders", "").statusCode()).isEqualTo(401);
    assertThat(post("/orders", "session=guessed").statusCode()).isEqualTo(401);
    assertThat(post("/session/mallory", "").statusCode()).isEqualTo(404);
  }

  @Test
  void events_byAnotherMethod_areRefusedAsTheDoorSaysIt() {
    HttpResponse<?> answer = post("/events?topic=orders.*", signIn("ann"));

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.getHeader("Allow")).isEqualTo("GET");
    assertThat(answer.bodyAsString()).contains("\"error\":\"method_not_allowed\"");
  }

  @Test
  void page_inABrowser_showsTheOrdersOfItsTenantAlone(@TempDir Path folder) throws Exception {
    Optional<String> browser = browser();
    Assumptions.assumeTrue(browser.isPresent(), "no headless Chromium on the path");
    String ann = signIn("ann");
    String gus = signIn("gus");
    // For as long as the page is open: it shows what comes after its stream is open.
    long source =
        vertx.setPeriodic(
            200,
            tick -> {
              send("/orders", ann);
              send("/orders", gus);
            });
    String url = "http://127.0.0.1:" + server.actualPort() + "/#ann";
    try (OpenPage page = OpenPage.of(browser.get(), folder, url)) {
      String shown = page.textOnce(text -> text.split("orders.placed acme-").length > 3);
      assertThat(shown).contains("The stream is open").doesNotContain("globex-o");
      assertThat(shown.lines().filter(line -> line.startsWith("orders.placed ")))
          .doesNotHaveDuplicates();
    }
    vertx.cancelTimer(source);
  }

  private void send(String path, String cookie) {
    web.post(server.actualPort(), "127.0.0.1", path).putHeader("Cookie", cookie).send();
  }

  private static Optional<String> browser() {
    return BROWSERS.stream()
        .flatMap(
            name ->
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }
}
