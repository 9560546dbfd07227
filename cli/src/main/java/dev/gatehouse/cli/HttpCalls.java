package dev.gatehouse.cli;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What commands that call over HTTP have in common. */
final class HttpCalls {
  private static final long CALL_MILLIS = 30_000;
  private static final int CONNECT_MILLIS = 5_000;
  private static final int MAX_PORT = 65_535;

  private HttpCalls() {}

  /** Runs something asynchronous and waits for it, as a command does. */
  static <T> T await(Function<Vertx, Future<T>> work) {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(2)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    try {
      return work.apply(vertx).toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException | CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      vertx.close();
    }
  }

  /** Status and body of an answer. */
  record Response(int status, Buffer body) {}

  /** Thrown when there was no answer; its message says why in a few words. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(Throwable why) {
      super(reason(why), null, false, false);
    }
  }

  /**
   * Makes one call.
   *
   * @param bearer the token to show; null for none
   */
  static Response call(HttpMethod method, String url, @Nullable String bearer)
      throws FailedException {
    RequestOptions options =
        new RequestOptions().setAbsoluteURI(url).setMethod(method).setTimeout(CALL_MILLIS);
    if (bearer != null) {
      options.putHeader("Authorization", "Bearer " + bearer);
    }
    try {
      return await(
          vertx ->
              calling(
                  vertx,
                  client ->
                      client
                          .request(options)
                          .compose(request -> request.send().compose(HttpCalls::whole))
                          .timeout(CALL_MILLIS, TimeUnit.MILLISECONDS)));
    } catch (NoAnswer e) {
      throw new FailedException(e.getCause() == null ? e : e.getCause());
    }
  }

  /**
   * Makes a call whose answer comes line by line, for as long as it takes.
   *
   * @param each is given every line of an answer with status 200 as it comes
   * @return the status, and the body of any other answer
   */
  static Response lines(
      HttpMethod method, String url, @Nullable String bearer, Buffer body, Consumer<String> each)
      throws FailedException {
    RequestOptions options =
        new RequestOptions().setAbsoluteURI(url).setMethod(method).setIdleTimeout(CALL_MILLIS);
    options.putHeader("Content-Type", "application/json");
    if (bearer != null) {
      options.putHeader("Authorization", "Bearer " + bearer);
    }
    try {
      return await(
          vertx ->
              calling(
                  vertx,
                  client ->
                      client
                          .request(options)
                          .compose(
                              request ->
                                  request.send(body).compose(response -> read(response, each)))));
    } catch (NoAnswer e) {
      throw new FailedException(e.getCause() == null ? e : e.getCause());
    }
  }

  // A client that nobody holds is closed when it is collected, whatever is under way.
  private static Future<Response> calling(
      Vertx vertx, Function<HttpClient, Future<Response>> call) {
    HttpClient client =
        vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS));
    return call.apply(client)
        .eventually(client::close)
        .recover(failure -> Future.failedFuture(new NoAnswer(failure)));
  }

  private static Future<Response> whole(HttpClientResponse response) {
    return response.body().map(body -> new Response(response.statusCode(), body));
  }

  private static Future<Response> read(HttpClientResponse response, Consumer<String> each) {
    if (response.statusCode() != 200) {
      return whole(response);
    }
    Promise<Response> read = Promise.promise();
    RecordParser.newDelimited("\n", response)
        .handler(line -> each.accept(line.toString(StandardCharsets.UTF_8)))
        .exceptionHandler(read::tryFail)
        .endHandler(end -> read.tryComplete(new Response(200, Buffer.buffer())));
    return read.future();
  }

  private static final class NoAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoAnswer(Throwable cause) {
      super(cause);
    }
  }

  /**
   * An absolute URL over HTTP.
   *
   * @param example of what fits the option, for who gave something else
   */
  static URI url(String option, String text, String example) {
    try {
      URI url = new URI(text);
      boolean http = "http".equalsIgnoreCase(url.getScheme());
      boolean web = http || "https".equalsIgnoreCase(url.getScheme());
      if (web && url.getHost() != null && url.getPort() <= MAX_PORT) {
        return url;
      }
    } catch (URISyntaxException notAUrl) {
      // reported below
    }
    throw Refusal.wrongUse(option, "must be a URL such as " + example);
  }

  /** Host and port, without what a URL may hold beside: user, password, path and query. */
  static String authority(URI url) {
    return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
  }

  /** Whether nothing was reached at all, so that trying on makes no sense. */
  static boolean isUnreachable(Throwable failure) {
    return failure instanceof ConnectException
        || failure instanceof UnknownHostException
        || failure instanceof SSLException;
  }

  /** What went wrong, in a few words. */
  static String reason(Throwable failure) {
    if (failure instanceof UnknownHostException) {
      return "the host is not known";
    }
    if (failure instanceof ConnectException) {
      return "nothing accepts connections there";
    }
    if (failure instanceof SSLException) {
      return "no TLS connection could be made";
    }
    String name = failure.getClass().getSimpleName();
    if (failure instanceof TimeoutException || name.contains("Timeout")) {
      return "no answer in time";
    }
    return "the connection was lost";
  }
}
