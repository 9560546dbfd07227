package dev.gatehouse.cli;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sign",
    sortOptions = false,
    description = {
      "Prints the headers that a sender would send, one 'Name: value' a line.",
      "",
      "Schemes that send a token and no signature (see ./gatehouse schemes) send the secret itself:"
          + " for those, and only those, the header that is printed holds it.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  printf '{\"type\":\"ping\"}' | ./gatehouse sign --scheme github --secret example-0123456789"
          + " --body -"
    })
final class SignCommand implements Callable<Integer> {
  private final Terminal terminal;
  private @Mixin KeyOptions keys = new KeyOptions();
  private @Mixin RequestOptions request = new RequestOptions();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The URL that is called, where the scheme signs it.")
  private String url = "";

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The delivery's id, where the scheme sends one; msg_ and random if not given.")
  private @Nullable String id;

  @Option(
      names = "--now",
      paramLabel = "T",
      description = "The time to sign: seconds since the epoch or RFC 3339; now if not given.")
  private @Nullable String now;

  SignCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Scheme scheme = keys.scheme(terminal);
    List<Header> headers = request.headers();
    Outgoing outgoing =
        new Outgoing(
            request.method(),
            url,
            Headers.of(headers),
            request.body(terminal, true),
            MessageIds.orRandom(id),
            moment(now, terminal));
    List<Secret> secrets = keys.secrets(terminal);
    Map<String, String> params = keys.params(scheme, terminal);
    List<Header> made = sign(scheme, secrets, params, outgoing);
    for (Header header : made) {
      terminal.print(header.name() + ": " + asTyped(header.value()));
    }
    Signed.flaw(scheme, secrets, params, outgoing, made).ifPresent(terminal::complain);
    return 0;
  }

  private static List<Header> sign(
      Scheme scheme, List<Secret> secrets, Map<String, String> params, Outgoing outgoing) {
    try {
      return WebhookSigner.create(scheme, secrets, params).sign(outgoing);
    } catch (IllegalArgumentException e) {
      throw KeyOptions.refused(e, "--url");
    }
  }

  /** The time in {@code --now}, else the clock's. */
  static Instant moment(@Nullable String now, Terminal terminal) {
    if (now == null) {
      return terminal.clock().instant();
    }
    return Moment.parse(now).orElseThrow(() -> Refusal.wrongUse("--now", Moment.FORM));
  }

  // A token in UTF-8 goes over the wire as octets; on a terminal it is text again.
  private static String asTyped(String value) {
    boolean octets = value.chars().allMatch(c -> c < 256) && value.chars().anyMatch(c -> c > 127);
    return octets
        ? new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
        : value;
  }
}
