package dev.gatehouse.cli;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which running receiver to speak to. */
@Command
final class ManagementOptions {
  private static final String USUAL = "http://127.0.0.1:9090";

  @Option(
      names = "--management",
      paramLabel = "URL",
      description = "The receiver's management address; " + USUAL + " if not given.")
  private String management = USUAL;

  @Option(
      names = "--token",
      paramLabel = "VALUE",
      description = {
        "The management port's bearer token, where it wants one; env:NAME and file:PATH keep it off"
            + " the command line."
      })
  private @Nullable String token;

  /** What the receiver answered. */
  record Answer(int status, JsonObject body) {
    /** What a refusal says, safe to print. */
    String error() {
      Object error = body.getValue("error");
      return error == null ? "status " + status : Table.printable(error.toString());
    }
  }

  /** Asks the receiver; a path begins with {@code /api/}. */
  Answer ask(HttpMethod method, String path, Terminal terminal) {
    return answer(terminal, bearer -> HttpCalls.call(method, url(path), bearer));
  }

  /** Asks for what comes line by line; of any answer but 200 the body is returned. */
  Answer lines(String path, JsonObject body, Consumer<String> each, Terminal terminal) {
    return answer(
        terminal,
        bearer -> HttpCalls.lines(HttpMethod.POST, url(path), bearer, body.toBuffer(), each));
  }

  @FunctionalInterface
  private interface Call {
    HttpCalls.Response with(@Nullable String bearer) throws HttpCalls.FailedException;
  }

  private String url(String path) {
    return base().toString().replaceFirst("/+$", "") + path;
  }

  private URI base() {
    return HttpCalls.url("--management", management, USUAL);
  }

  private Answer answer(Terminal terminal, Call call) {
    URI base = base();
    String bearer = token == null ? null : KeyOptions.resolve("--token", token, terminal);
    if (bearer != null && !bearer.matches("[!-~]{1,4096}")) {
      throw Refusal.wrongUse("--token", "must be printable ASCII without spaces");
    }
    HttpCalls.Response response;
    try {
      response = call.with(bearer);
    } catch (HttpCalls.FailedException e) {
      throw Refusal.no(
          "--management",
          HttpCalls.authority(base)
              + ": "
              + e.getMessage()
              + "; start a receiver with ./gatehouse serve, or name its address");
    }
    boolean empty = response.status() == 200 && response.body().length() == 0;
    Answer answer =
        new Answer(response.status(), empty ? new JsonObject() : object(response, base));
    if (answer.status() == 401) {
      throw Refusal.wrongUse("--token", "the receiver does not accept it, or wants one");
    }
    return answer;
  }

  private static JsonObject object(HttpCalls.Response response, URI base) {
    try {
      return new JsonObject(response.body());
    } catch (DecodeException | ClassCastException e) {
      throw Refusal.no(
          "--management",
          HttpCalls.authority(base) + ": what answers there is no management port of Gatehouse");
    }
  }
}
