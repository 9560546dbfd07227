package dev.gatehouse.docs;

import dev.gatehouse.core.StrictJson;
import dev.gatehouse.webhook.rfc9421.MessageAlgorithm;
import dev.gatehouse.webhook.rfc9421.SignatureComponent;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.ContentTemplate;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.MessageRule;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Writes {@code docs/providers.md} from the catalogue. */
final class ProvidersPage {
  private static final String HEAD =
      """
      # Providers

      The catalogue: COUNT schemes, each one file in `webhook-verifier`, checked with its vectors at every build.
      `./gatehouse schemes NAME` prints all that is known of one. This page is made from the catalogue;
      `ProvidersPageTest` says how to make it anew.

      *Signs time*: how far a signed time may be from now; without one a replay is told by the delivery id or the
      digest of the body. *Id*: what names a delivery; one in *italics* is not signed and decides nothing by itself.

      | name | provider | signature | signs time | id | handshakes | confidence |
      | --- | --- | --- | --- | --- | --- | --- |
      """;

  private ProvidersPage() {}

  /** The page for these schemes. */
  static String of(List<Scheme> schemes) {
    StringBuilder page = new StringBuilder(HEAD.replace("COUNT", Integer.toString(schemes.size())));
    schemes.forEach(scheme -> page.append(row(scheme)));
    schemes.forEach(scheme -> page.append(details(scheme)));
    return page.toString();
  }

  private static String row(Scheme scheme) {
    List<String> cells =
        List.of(
            "[" + scheme.name() + "](#" + scheme.name() + ")",
            scheme.title(),
            signature(scheme),
            scheme.window().map(window -> "\u00b1 " + span(window)).orElse("no"),
            ids(scheme),
            scheme.handshakes().stream().map(Handshake::name).collect(Collectors.joining(", ")),
            StrictJson.nameOf(scheme.confidence()));
    return cells.stream()
        .map(cell -> cell.isEmpty() ? "-" : cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String signature(Scheme scheme) {
    MessageRule message = scheme.message();
    if (message != null) {
      return message.algorithms().stream()
          .map(MessageAlgorithm::label)
          .collect(Collectors.joining(", "));
    }
    return scheme.accepts().stream()
        .map(ProvidersPage::signature)
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static String signature(Acceptance acceptance) {
    String algorithm = StrictJson.nameOf(acceptance.algorithm());
    return acceptance.encoding() == Encoding.TEXT
        ? algorithm
        : algorithm + ", " + StrictJson.nameOf(acceptance.encoding());
  }

  private static String ids(Scheme scheme) {
    boolean signed =
        scheme.contents().stream()
            .map(Scheme.Content::template)
            .anyMatch(template -> template != null && template.signsId());
    return scheme.variants().stream()
        .flatMap(variant -> variant.ids().stream())
        .distinct()
        .map(
            id ->
                signed || scheme.isNonce(id) || (id.isInBody() && scheme.protectsIntegrity())
                    ? "`" + id + "`"
                    : "*`" + id + "`*")
        .collect(Collectors.joining(", "));
  }

  private static String details(Scheme scheme) {
    StringBuilder text = new StringBuilder("\n## " + scheme.name() + "\n\n");
    text.append(scheme.title());
    if (!scheme.aliases().isEmpty()) {
      text.append("; also found as `").append(String.join("`, `", scheme.aliases())).append("`");
    }
    text.append(".\n\n");
    for (Scheme.Content content : scheme.contents()) {
      ContentTemplate template = content.template();
      line(text, template == null ? withoutTemplate(scheme) : "Signs `" + template + "`");
    }
    scheme.params().forEach((name, param) -> line(text, "`" + name + "`: " + param.description()));
    if (!scheme.delivery().schedule().isEmpty()) {
      line(text, "Retries: " + scheme.delivery().schedule());
    }
    scheme.notes().forEach(note -> line(text, note));
    scheme.uncertain().forEach(doubt -> line(text, "*Uncertain:* " + doubt));
    text.append("- Sources: ");
    text.append(
        scheme.sources().stream()
            .map(source -> source.startsWith("http") ? "<" + source + ">" : source)
            .collect(Collectors.joining(", ")));
    return text.append('\n').toString();
  }

  private static String withoutTemplate(Scheme scheme) {
    MessageRule message = scheme.message();
    return message == null
        ? "Signs nothing"
        : message.required().stream()
            .map(SignatureComponent::toString)
            .collect(Collectors.joining(" ", "Signs at least `", "`"));
  }

  private static void line(StringBuilder text, String line) {
    text.append("- ").append(line).append(line.endsWith(".") ? "\n" : ".\n");
  }

  private static String span(Duration window) {
    return window.toSeconds() % 60 == 0 ? window.toMinutes() + " min" : window.toSeconds() + " s";
  }
}
