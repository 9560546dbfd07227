package dev.gatehouse.samples.tenantevents;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A page in headless Chromium, asked for its text by the DevTools protocol. */
final class OpenPage implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final Process browser;
  private final WebSocket tools;
  private final BlockingQueue<String> answers;

  private OpenPage(Process browser, WebSocket tools, BlockingQueue<String> answers) {
    this.browser = browser;
    this.tools = tools;
    this.answers = answers;
  }

  static OpenPage of(String browser, Path folder, String url) throws Exception {
    Process process =
        new ProcessBuilder(
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + folder.resolve("profile"),
                "--remote-debugging-port=0",
                url)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return connect(process);
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static OpenPage connect(Process process) throws Exception {
    BufferedReader told =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    int port =
        CompletableFuture.supplyAsync(() -> toolsPort(told))
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    HttpClient http = HttpClient.newHttpClient();
    String address = page(http, port);
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    WebSocket tools =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address), new Answers(answers))
            .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return new OpenPage(process, tools, answers);
  }

  /** Where the page is talked to; the tools listen before there is a page. */
  private static String page(HttpClient http, int port) throws Exception {
    HttpRequest list =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String pages = "";
    while (System.nanoTime() < end) {
      pages = http.send(list, HttpResponse.BodyHandlers.ofString()).body();
      Optional<String> address =
          new JsonArray(pages)
              .stream()
                  .map(JsonObject.class::cast)
                  .filter(target -> target.getString("type").equals("page"))
                  .findFirst()
                  .map(target -> target.getString("webSocketDebuggerUrl"));
      if (address.isPresent()) {
        return address.get();
      }
    }
    throw new AssertionError("the browser opened no page:\n" + pages);
  }

  private static int toolsPort(BufferedReader told) {
    return told.lines()
        .filter(line -> line.contains("DevTools listening on ws://"))
        .map(line -> URI.create(line.substring(line.indexOf("ws://"))).getPort())
        .findFirst()
        .orElseThrow();
  }

  /** The page's text as soon as it is as it should be. */
  String textOnce(Predicate<String> wanted) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String text = "";
    JsonObject question =
        new JsonObject()
            .put("id", 1)
            .put("method", "Runtime.evaluate")
            .put("params", new JsonObject().put("expression", "document.body.innerText"));
    while (System.nanoTime() < end) {
      tools.sendText(question.encode(), true).join();
      String answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        break;
      }
      // an error without a result where the page is just being loaded
      text =
          new JsonObject(answer)
              .getJsonObject("result", new JsonObject())
              .getJsonObject("result", new JsonObject())
              .getString("value", "");
      if (wanted.test(text)) {
        return text;
      }
    }
    throw new AssertionError("the page never came to show what it should:\n" + text);
  }

  @Override
  public void close() throws IOException {
    tools.abort();
    // its helpers write into the profile's folder too, which is removed after this
    List<ProcessHandle> all = new ArrayList<>(List.of(browser.toHandle()));
    browser.descendants().forEach(all::add);
    all.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture.allOf(
            all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
        .completeOnTimeout(null, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  private static final class Answers implements WebSocket.Listener {
    private final BlockingQueue<String> answers;
    private final StringBuilder message = new StringBuilder();

    Answers(BlockingQueue<String> answers) {
      this.answers = answers;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        answers.add(message.toString());
        message.setLength(0);
      }
      return WebSocket.Listener.super.onText(socket, data, last);
    }
  }
}
