package dev.gatehouse.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.Explain;
import dev.gatehouse.webhook.Explain.Explanation;
import dev.gatehouse.webhook.Explain.Finding;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says why a signature does not match. */
@Command(
    name = "explain",
    description = {
      "Says why a request does not verify: undoes the known mistakes, one by one and in pairs, and"
          + " names the one under which the signature is right. It works offline, and prints no"
          + " secret, no signature and nothing of the body.",
      "",
      "Exit status 0: the request verifies; 1: it does not, and why.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  ./gatehouse explain --scheme github --secret file:secret.txt --body body.json \\",
      "    --header 'X-Hub-Signature-256: sha256=…'"
    })
final class ExplainCommand implements Callable<Integer> {
  private final Terminal terminal;
  private @Mixin KeyOptions keys = new KeyOptions();
  private @Mixin RequestOptions request = new RequestOptions();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The URL that the sender called, where the scheme signs it.")
  private String url = "";

  @Option(
      names = "--other-secret",
      paramLabel = "NAME=VALUE",
      description = {
        "A secret of another source, which is named if it is the one that signed; the value may be"
            + " env:NAME or file:PATH. May be repeated."
      })
  private List<String> others = new ArrayList<>();

  @Option(
      names = "--now",
      paramLabel = "T",
      description = "The time of the check: seconds since the epoch or RFC 3339; now if not given.")
  private @Nullable String now;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "Ignored: an id stands in the headers. Here so that sign's options fit.")
  @SuppressWarnings("unused")
  private @Nullable String id;

  @Option(names = "--json", description = "One line of JSON in place of sentences.")
  private boolean json;

  ExplainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Scheme scheme = keys.scheme(terminal);
    Instant at = SignCommand.moment(now, terminal);
    WebhookRequest received =
        WebhookRequest.of(
            request.method(), url, Headers.of(request.headers()), request.body(terminal, false));
    Map<String, String> params = keys.params(scheme, terminal);
    List<Secret> secrets = keys.secrets(params, terminal);
    Explanation why;
    try {
      why = Explain.of(scheme, secrets, others(), params, received, at);
    } catch (IllegalArgumentException e) {
      throw KeyOptions.refused(e, "--url");
    }
    if (json) {
      terminal.out().println(asJson(why));
    } else {
      print(why);
    }
    return why.isVerified() ? 0 : Refusal.NO;
  }

  private List<Secret> others() {
    List<Secret> read = new ArrayList<>();
    for (int i = 0; i < others.size(); i++) {
      String other = others.get(i);
      int assign = other.indexOf('=');
      String name = assign < 0 ? "" : other.substring(0, assign);
      if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
        throw Refusal.wrongUse("--other-secret", "must be NAME=VALUE, the name of a source first");
      }
      // Not by its name: who forgot the name has a part of the secret in its place.
      String option = "--other-secret[" + i + "]";
      String text = KeyOptions.resolve(option, other.substring(assign + 1), terminal);
      Secret.refusal(text)
          .ifPresent(
              why -> {
                throw Refusal.wrongUse(option, why);
              });
      read.add(Secret.of(name, text));
    }
    return read;
  }

  private void print(Explanation why) {
    if (why.isVerified()) {
      terminal.out().println("Nothing is wrong: the request verifies.");
      return;
    }
    terminal.out().println("rejected: " + why.reason().orElseThrow().code());
    for (Finding finding : why.findings()) {
      String mark = finding.certain() ? "found" : "perhaps";
      terminal.out().println(mark + ": " + finding.what() + " [" + finding.code() + "]");
      terminal.out().println("  " + finding.remedy());
    }
    terminal.out().println("(" + why.attempts() + " attempts)");
  }

  private static String asJson(Explanation why) {
    ObjectNode all = Json.mapper().createObjectNode();
    all.put("verified", why.isVerified());
    all.put("reason", why.reason().map(r -> r.code()).orElse(null));
    ArrayNode findings = all.putArray("findings");
    for (Finding finding : why.findings()) {
      findings
          .addObject()
          .put("code", finding.code())
          .put("certain", finding.certain())
          .put("what", finding.what())
          .put("remedy", finding.remedy());
    }
    all.put("attempts", why.attempts());
    return Json.line(all);
  }
}
