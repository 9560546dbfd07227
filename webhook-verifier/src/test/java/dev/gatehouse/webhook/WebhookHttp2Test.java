package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import org.junit.jupiter.api.Test;

/** The same door on HTTP/2, where a refusal ends a stream and never its connection. */
final class WebhookHttp2Test {
  @Test
  void post_signedTamperedAndRepeated_isAnsweredAsOnHttp1() {
    try (Hook hook = Hook.open(o -> o)) {
      HttpClient client = client(hook);

      assertThat(post(client, hook, Hook.BODY)).isEqualTo("204 null HTTP_2");
      assertThat(post(client, hook, Hook.BODY.replace("paid", "free")))
          .isEqualTo("401 null HTTP_2");
      assertThat(post(client, hook, Hook.BODY)).isEqualTo("204 true HTTP_2");
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void post_answeredLater_isCompletedAndRunsOnce() {
    try (Hook hook =
        Hook.open(
            o -> o,
            ctx -> ctx.vertx().setTimer(1, due -> ctx.response().setStatusCode(204).end()))) {
      HttpClient client = client(hook);

      assertThat(post(client, hook, Hook.BODY)).isEqualTo("204 null HTTP_2");
      assertThat(post(client, hook, Hook.BODY)).isEqualTo("204 true HTTP_2");
      assertThat(hook.runs).hasValue(1);
    }
  }

  @Test
  void refusal_clientStillSending_keepsTheConnection() {
    try (Hook hook = Hook.open(o -> o.maxBodyBytes(1_000))) {
      HttpClient client = client(hook);
      Future<Integer> refused =
          request(client, hook)
              .compose(
                  request -> {
                    request.setChunked(true).write(Buffer.buffer("x".repeat(2_000)));
                    return request.response().map(response -> response.statusCode());
                  });

      assertThat(Hook.await(refused)).isEqualTo(413);
      assertThat(post(client, hook, Hook.BODY)).isEqualTo("204 null HTTP_2");
    }
  }

  private static HttpClient client(Hook hook) {
    return hook.vertx.createHttpClient(
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false));
  }

  private static Future<HttpClientRequest> request(HttpClient client, Hook hook) {
    return client
        .request(HttpMethod.POST, hook.port(), "127.0.0.1", "/hook")
        .onSuccess(
            request ->
                Hook.sign("d1", Hook.bytes(Hook.BODY), Hook.NOW)
                    .forEach(header -> request.putHeader(header.name(), header.value())));
  }

  private static String post(HttpClient client, Hook hook, String body) {
    return Hook.await(
        request(client, hook)
            .compose(request -> request.send(body))
            .map(
                response ->
                    response.statusCode()
                        + " "
                        + response.getHeader("Gatehouse-Duplicate")
                        + " "
                        + response.version()));
  }
}
