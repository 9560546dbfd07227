package dev.gatehouse.cli;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "send",
    sortOptions = false,
    description = {
      "Signs webhooks and sends them for real; prints the statuses and latencies.",
      "",
      "Exit status 0 if every answer was 2xx, else 1.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example (while ./gatehouse serve runs, with the secret that it printed):",
      "  ./gatehouse send --scheme standard-webhooks --secret env:DEMO_SECRET \\",
      "    --to http://127.0.0.1:8080/hooks/demo --text '{\"type\":\"ping\"}' --count 100"
    })
final class SendCommand implements Callable<Integer> {
  private static final int MAX_COUNT = 10_000_000;

  private final Terminal terminal;
  private @Mixin KeyOptions keys = new KeyOptions();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL",
      description = "Where to send to. It is also what is signed, where the scheme signs the URL.")
  private String to = "";

  private @Mixin RequestOptions request = new RequestOptions();

  @Option(
      names = "--count",
      paramLabel = "N",
      converter = Numbers.class,
      description = "How many to send; 1 if not given.")
  private int count = 1;

  @Option(
      names = "--concurrency",
      paramLabel = "C",
      converter = Numbers.class,
      description = "How many to have under way at a time; 1 if not given.")
  private int concurrency = 1;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = {
        "The id of every delivery, where the scheme sends one, to try what becomes of a repetition;"
            + " a random one each if not given."
      })
  private @Nullable String id;

  @Option(
      names = "--now",
      paramLabel = "T",
      description = "The time to sign: seconds since the epoch or RFC 3339; now if not given.")
  private @Nullable String now;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  SendCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    URI target = HttpCalls.url("--to", to, "http://127.0.0.1:8080/hooks/demo");
    bounded("--count", count, MAX_COUNT);
    bounded("--concurrency", concurrency, 10_000);
    Scheme scheme = keys.scheme(terminal);
    List<Header> headers = withContentType(request.headers());
    List<Secret> secrets = keys.secrets(terminal);
    Supplier<Outgoing> messages = messages(headers, request.body(terminal, true));
    Sending sending = sending(scheme, secrets, target, headers, messages);
    SendReport report = HttpCalls.await(sending::run);
    report.print(terminal, json);
    return report.isAllAccepted() ? 0 : Refusal.NO;
  }

  private Sending sending(
      Scheme scheme,
      List<Secret> secrets,
      URI target,
      List<Header> headers,
      Supplier<Outgoing> messages) {
    var params = keys.params(scheme, terminal);
    try {
      WebhookSigner signer = WebhookSigner.create(scheme, secrets, params);
      // What cannot be signed is found out before anything is sent.
      signer.sign(messages.get());
      return new Sending(target, headers, messages, signer::sign, count, concurrency, terminal);
    } catch (IllegalArgumentException e) {
      throw KeyOptions.refused(e, "--to");
    }
  }

  private Supplier<Outgoing> messages(List<Header> headers, byte[] body) {
    String method = request.method();
    Headers given = Headers.of(headers);
    String fixed = id == null ? null : MessageIds.orRandom(id);
    MessageIds random = new MessageIds();
    SignCommand.moment(now, terminal);
    return () ->
        new Outgoing(
            method,
            to,
            given,
            body,
            fixed == null ? random.get() : fixed,
            SignCommand.moment(now, terminal));
  }

  private static List<Header> withContentType(List<Header> given) {
    if (given.stream().anyMatch(h -> h.name().equalsIgnoreCase("content-type"))) {
      return given;
    }
    List<Header> headers = new ArrayList<>(given);
    headers.add(new Header("Content-Type", "application/json"));
    return headers;
  }

  private static void bounded(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw Refusal.wrongUse(option, "must be between 1 and " + most);
    }
  }
}
