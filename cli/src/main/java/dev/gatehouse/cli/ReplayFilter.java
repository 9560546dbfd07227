package dev.gatehouse.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Which deliveries to replay, where they are not named one by one. */
@Command
final class ReplayFilter {
  private static final List<String> NAMES =
      List.of(
          "source", "state", "eventType", "from", "to", "receivedFrom", "receivedBefore", "after");

  @Option(names = "--source", paramLabel = "NAME", description = "Those of that source.")
  private @Nullable String source;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = {
        "Those in that state: dead, delivered, retrying or received; without it, all that are not on"
            + " their way."
      })
  private @Nullable String state;

  @Option(names = "--event", paramLabel = "TYPE", description = "Those of that event type.")
  private @Nullable String eventType;

  @Option(names = "--from", paramLabel = "ID", description = "That delivery and those after it.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "ID", description = "Those up to that delivery.")
  private @Nullable String to;

  @Option(
      names = "--received-from",
      paramLabel = "TIME",
      description = "Those received then or later, such as 2026-11-24T10:00:00Z.")
  private @Nullable String receivedFrom;

  @Option(
      names = "--received-before",
      paramLabel = "TIME",
      description = "Those received before that.")
  private @Nullable String receivedBefore;

  @Option(
      names = "--after",
      paramLabel = "ID",
      description = "Goes on where a replay of --source was cut short.")
  private @Nullable String after;

  private @Nullable JsonObject last;

  boolean isGiven() {
    return !body().isEmpty();
  }

  private JsonObject body() {
    JsonObject body = new JsonObject();
    put(body, "source", source);
    put(body, "state", state);
    put(body, "eventType", eventType);
    put(body, "from", from);
    put(body, "to", to);
    put(body, "receivedFrom", receivedFrom);
    put(body, "receivedBefore", receivedBefore);
    put(body, "after", after);
    return body;
  }

  private static void put(JsonObject body, String name, @Nullable String value) {
    if (value != null) {
      body.put(name, value);
    }
  }

  /** Replays and shows how far it is; the exit status. */
  int replay(ManagementOptions management, boolean json, Terminal terminal) {
    try {
      ask(management, json, terminal);
    } catch (Refusal lost) {
      // Once it has said how far it is, that is where to go on.
      if (last == null) {
        throw lost;
      }
    }
    JsonObject end = last == null ? new JsonObject() : last;
    if (!json) {
      terminal.print(
          "replayed "
              + number(end, "replayed")
              + " of "
              + number(end, "looked")
              + " deliveries looked at");
    }
    if (end.getBoolean("done", false)) {
      return 0;
    }
    throw Refusal.no("replay", "was cut short: " + cause(end));
  }

  private void ask(ManagementOptions management, boolean json, Terminal terminal) {
    ManagementOptions.Answer answer =
        management.lines(
            "/api/deliveries/replay", body(), line -> show(line, json, terminal), terminal);
    if (answer.status() == 400) {
      throw refused(answer.error());
    }
    if (answer.status() != 200) {
      throw Refusal.no("replay", answer.error());
    }
  }

  private void show(String line, boolean json, Terminal terminal) {
    try {
      last = new JsonObject(line);
    } catch (DecodeException e) {
      return;
    }
    if (json) {
      terminal.say(Json.line(last.getMap()));
    } else if (last.getString("source") != null) {
      terminal.complain(
          Table.printable(last.getString("source"))
              + ": "
              + number(last, "looked")
              + " looked at, "
              + number(last, "replayed")
              + " replayed …");
    }
  }

  private static String cause(JsonObject end) {
    String why = end.getString("error", "the connection was lost");
    String at = end.getString("after");
    String where =
        at == null ? "" : "; go on with --source " + end.getString("source") + " --after " + at;
    return Table.printable(why + where + left(end));
  }

  // The sources after this one, of which nothing was looked at.
  private static String left(JsonObject end) {
    JsonArray left = end.getJsonArray("left", new JsonArray());
    return left.isEmpty()
        ? ""
        : "; not begun: " + left.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String number(JsonObject of, String name) {
    return String.format(Locale.ROOT, "%,d", of.getLong(name, 0L));
  }

  // The receiver's messages begin with what they are about: "state: must be …".
  private static Refusal refused(String error) {
    String[] words = error.split(": ", 2);
    if (words.length == 2 && NAMES.contains(words[0])) {
      String option =
          words[0].equals("eventType") ? "event" : words[0].replaceAll("([A-Z])", "-$1");
      return Refusal.wrongUse("--" + option.toLowerCase(Locale.ROOT), words[1]);
    }
    return Refusal.wrongUse("replay", error);
  }
}
