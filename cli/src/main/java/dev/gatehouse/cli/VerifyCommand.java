package dev.gatehouse.cli;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    sortOptions = false,
    description = {
      "Judges a request as it was received, and prints the verdict as one line of JSON.",
      "",
      "Exit status 0: verified, or a handshake, whose answer the verdict holds; 1: rejected, with"
          + " the reason in the verdict. With --batch it is 0 when every line was answered.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example (from GitHub's documentation):",
      "  ./gatehouse verify --scheme github --secret \"It's a Secret to Everybody\" \\",
      "    --header 'X-Hub-Signature-256: sha256="
          + "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' \\",
      "    --text 'Hello, World!'"
    })
final class VerifyCommand implements Callable<Integer> {
  private final Terminal terminal;
  private @Mixin KeyOptions keys = new KeyOptions();
  private @Mixin RequestOptions request = new RequestOptions();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The URL that the sender called, where the scheme signs it.")
  private String url = "";

  @Option(
      names = "--now",
      paramLabel = "T",
      description = {
        "The time of the check: seconds since the epoch or RFC 3339; now if not given. A captured"
            + " request is judged by the time at which it came."
      })
  private @Nullable String now;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "Ignored: an id stands in the headers. Here so that sign's options fit.")
  private @Nullable String id;

  @Option(
      names = "--batch",
      paramLabel = "FILE|-",
      description = {
        "In place of all other options: cases, one JSON object a line, answered with one verdict a"
            + " line in the same order. A case: {\"case\":\"a\", \"scheme\":\"github\","
            + " \"secrets\":[\"…\"], \"headers\":[[\"N\",\"V\"]], \"body\":\"…\"}, and where"
            + " needed params, method, url, body_base64, now."
      })
  private @Nullable String batch;

  VerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (batch == null) {
      return judgeOne();
    }
    if (keys.isAnyGiven() || request.isAnyGiven() || !url.isEmpty() || now != null || id != null) {
      throw Refusal.wrongUse("--batch", "excludes the other options: they stand in the cases");
    }
    return judgeAll(batch);
  }

  private int judgeOne() {
    Scheme scheme = keys.scheme(terminal);
    Instant at = SignCommand.moment(now, terminal);
    WebhookRequest received =
        WebhookRequest.of(
            request.method(), url, Headers.of(request.headers()), request.body(terminal, false));
    Map<String, String> params = keys.params(scheme, terminal);
    List<Secret> secrets = keys.secrets(params, terminal);
    WebhookVerifier.Builder verifier =
        WebhookVerifier.builder(scheme)
            .secrets(SecretSource.of(secrets.toArray(Secret[]::new)))
            .clock(() -> at);
    params.forEach(verifier::param);
    Verification verdict;
    try {
      verdict = verifier.build().verify(received);
    } catch (IllegalArgumentException e) {
      throw KeyOptions.refused(e, "--url");
    }
    print(verdict);
    return verdict instanceof Verification.Rejected ? Refusal.NO : 0;
  }

  private void print(Verification verdict) {
    try {
      VerdictWriter writer = new VerdictWriter(terminal.out());
      writer.write(null, verdict);
      writer.flush();
    } catch (IOException e) {
      throw Refusal.no("verify", "the verdict cannot be written");
    }
  }

  private int judgeAll(String file) {
    try {
      return Batch.run(terminal, file, new VerdictAnswers(terminal));
    } catch (IOException e) {
      throw Refusal.no("--batch", "the verdicts cannot be written");
    }
  }
}
