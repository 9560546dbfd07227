package dev.gatehouse.cli;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "deliveries",
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = {"Looks at the deliveries of a running receiver, and replays them.", ""},
    commandListHeading = "%nCommands:%n",
    footer = {"", "Example (while ./gatehouse serve runs):", "  ./gatehouse deliveries list"})
final class DeliveriesCommand implements Callable<Integer> {
  private static final List<String> SHOWN =
      List.of(
          "id",
          "source",
          "tenant",
          "scheme",
          "key",
          "deliveryId",
          "eventType",
          "orderKey",
          "verdict",
          "reason",
          "state",
          "attempts",
          "nextAttemptAt",
          "held",
          "lastStatus",
          "lastError",
          "receivedAt",
          "signedAt",
          "deliveredAt",
          "method",
          "contentType",
          "size");

  private final Terminal terminal;

  DeliveriesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    throw Refusal.wrongUse(
        "deliveries", "say what to do: list, show or replay; see gatehouse deliveries --help");
  }

  @Command(
      name = "list",
      sortOptions = false,
      description = {"Lists deliveries, oldest first.", ""},
      optionListHeading = "Options:%n",
      footer = {
        "",
        "Example (while ./gatehouse serve runs):",
        "  ./gatehouse deliveries list --source demo --limit 10"
      })
  int list(
      @Mixin ManagementOptions management,
      @Option(names = "--source", paramLabel = "NAME", description = "Only those of that source.")
          @Nullable String source,
      @Option(
              names = "--state",
              paramLabel = "STATE",
              description = {
                "Only those in that state: received, delivering, delivered, retrying, dead or"
                    + " quarantined."
              })
          @Nullable String state,
      @Option(names = "--after", paramLabel = "ID", description = "Only those after that delivery.")
          @Nullable String after,
      @Option(
              names = "--limit",
              paramLabel = "N",
              converter = Numbers.class,
              description = "At most so many, up to 500; 100 if not given.")
          @Nullable Integer limit,
      @Option(names = "--json", description = "Print what the receiver answers, as JSON.")
          boolean json) {
    StringBuilder path = new StringBuilder("/api/deliveries");
    append(path, "source", source);
    append(path, "state", state);
    append(path, "after", after);
    append(path, "limit", limit == null ? null : limit.toString());
    JsonObject page =
        good(management.ask(HttpMethod.GET, path.toString(), terminal), "list").body();
    if (json) {
      terminal.print(Json.line(page.getMap()));
      return 0;
    }
    print(page);
    return 0;
  }

  private void print(JsonObject page) {
    JsonArray found = page.getJsonArray("deliveries", new JsonArray());
    Table table =
        new Table().row("ID", "SOURCE", "STATE", "EVENT", "RECEIVED", "ATTEMPTS", "NEXT", "LAST");
    for (int i = 0; i < found.size(); i++) {
      JsonObject delivery = found.getJsonObject(i);
      String last = text(delivery, "lastStatus");
      table.row(
          text(delivery, "id"),
          text(delivery, "source"),
          text(delivery, "state"),
          text(delivery, "eventType"),
          text(delivery, "receivedAt"),
          text(delivery, "attempts"),
          delivery.getBoolean("held", false) ? "held" : text(delivery, "nextAttemptAt"),
          last.equals("-") ? text(delivery, "lastError") : last);
    }
    table.lines().forEach(terminal::print);
    if (page.getString("next") != null) {
      terminal.print("more follow: --after " + Table.printable(text(page, "next")));
    }
  }

  @Command(
      name = "show",
      sortOptions = false,
      description = {"Shows one delivery, on request with what the sender sent.", ""},
      parameterListHeading = "Parameters:%n",
      optionListHeading = "Options:%n",
      footer = {
        "",
        "Example (while ./gatehouse serve runs, with an id from deliveries list):",
        "  ./gatehouse deliveries show dlv_0000000000000 --body"
      })
  int show(
      @Parameters(paramLabel = "ID", description = "The delivery's id.") String id,
      @Mixin ManagementOptions management,
      @Option(
              names = "--body",
              description = "Print headers and body too; the receiver records that they were read.")
          boolean body,
      @Option(names = "--json", description = "Print what the receiver answers, as JSON.")
          boolean json) {
    String path = "/api/deliveries/" + checked(id) + (body ? "?body=true" : "");
    JsonObject delivery = good(management.ask(HttpMethod.GET, path, terminal), "ID").body();
    if (json) {
      terminal.print(Json.line(delivery.getMap()));
      return 0;
    }
    Table table = new Table();
    SHOWN.stream()
        .filter(name -> delivery.getValue(name) != null)
        .forEach(name -> table.row(name, text(delivery, name)));
    table.lines().forEach(terminal::print);
    if (body) {
      printContent(delivery);
    }
    return 0;
  }

  private void printContent(JsonObject delivery) {
    terminal.print("");
    String base64 = delivery.getString("bodyBase64");
    if (base64 == null) {
      terminal.print("headers and body are gone: retention has removed them");
      return;
    }
    JsonObject headers = delivery.getJsonObject("headers", new JsonObject());
    headers.forEach(
        header ->
            terminal.print(
                Table.printable(header.getKey()) + ": " + Table.printable("" + header.getValue())));
    terminal.print("");
    String text = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    text.lines().map(Table::printable).forEach(terminal::print);
  }

  @Command(
      name = "replay",
      sortOptions = false,
      description = {
        "Makes deliveries due again, with their attempts counted anew. The destination sees the"
            + " same Gatehouse-Delivery id as before.",
        "Name them by id, or say which by source, state, event type, range or time of receipt.",
        ""
      },
      parameterListHeading = "Parameters:%n",
      optionListHeading = "Options:%n",
      footer = {
        "",
        "Example (while ./gatehouse serve runs, with an id from deliveries list):",
        "  ./gatehouse deliveries replay dlv_0000000000000",
        "  ./gatehouse deliveries replay --source demo --state dead"
      })
  int replay(
      @Parameters(arity = "0..*", paramLabel = "ID", description = "The deliveries' ids.")
          @Nullable List<String> named,
      @Mixin ReplayFilter filter,
      @Mixin ManagementOptions management,
      @Option(names = "--json", description = "Print what the receiver answers, as JSON.")
          boolean json) {
    List<String> ids = named == null ? List.of() : named;
    if (ids.isEmpty() == !filter.isGiven()) {
      throw Refusal.wrongUse(
          "ID",
          ids.isEmpty()
              ? "is missing: name deliveries, or say which by --source, --state and the like"
              : "stands beside a filter: name deliveries, or say which");
    }
    if (ids.isEmpty()) {
      return filter.replay(management, json, terminal);
    }
    ids.forEach(DeliveriesCommand::checked);
    List<Object> answers = new ArrayList<>();
    boolean all = true;
    for (String id : ids) {
      ManagementOptions.Answer answer =
          management.ask(HttpMethod.POST, "/api/deliveries/" + id + "/replay", terminal);
      all &= answer.status() == 202;
      answers.add(answer.body().getMap());
      if (answer.status() != 202) {
        terminal.complain(id + ": " + answer.error());
      } else if (!json) {
        terminal.print(id + "  " + Table.printable(text(answer.body(), "state")));
      }
    }
    if (json) {
      terminal.print(Json.line(answers));
    }
    return all ? 0 : Refusal.NO;
  }

  private static ManagementOptions.Answer good(ManagementOptions.Answer answer, String option) {
    if (answer.status() == 200) {
      return answer;
    }
    if (answer.status() != 400) {
      throw Refusal.no(option, answer.error());
    }
    // The receiver names the parameter first, and each is an option of that name.
    String[] words = answer.error().split(" ", 2);
    throw List.of("source", "state", "after", "limit").contains(words[0]) && words.length == 2
        ? Refusal.wrongUse("--" + words[0], words[1])
        : Refusal.wrongUse(option, answer.error());
  }

  private static String checked(String id) {
    if (!id.matches("dlv_[0-9a-zA-Z]{13}")) {
      throw Refusal.wrongUse("ID", "must be dlv_ and 13 characters, as deliveries list shows it");
    }
    return id;
  }

  private static void append(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append(path.indexOf("?") < 0 ? '?' : '&')
          .append(name)
          .append('=')
          .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }

  private static String text(JsonObject object, String key) {
    Object value = object.getValue(key);
    return value == null ? "-" : value.toString();
  }
}
