package dev.gatehouse.cli;

import dev.gatehouse.webhook.WebhookRequest.Header;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A request's method, headers and body. */
@Command
final class RequestOptions {
  private static final int MAX_BODY = 64 << 20;

  @Option(
      names = "--body",
      paramLabel = "FILE|-",
      description = "The body, byte for byte: a file, or - for standard input.")
  private @Nullable String body;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "The body as a text, in place of --body.")
  private @Nullable String text;

  @Option(names = "--method", paramLabel = "M", description = "The HTTP method; POST if not given.")
  private String method = "POST";

  @Option(
      names = "--header",
      paramLabel = "'N: V'",
      description = "A header of the request. May be repeated.")
  private List<String> headers = new ArrayList<>();

  /** Whether any of these options is given. */
  boolean isAnyGiven() {
    return body != null || text != null || !headers.isEmpty() || !method.equals("POST");
  }

  /** The method, upper case. */
  String method() {
    String upper = method.toUpperCase(Locale.ROOT);
    if (!upper.matches("[A-Z]{1,20}")) {
      throw Refusal.wrongUse("--method", "must be an HTTP method such as POST");
    }
    return upper;
  }

  /** The headers, in their order. */
  List<Header> headers() {
    List<Header> read = new ArrayList<>();
    for (String header : headers) {
      int colon = header.indexOf(':');
      String name = colon < 0 ? "" : header.substring(0, colon).strip();
      if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
        throw Refusal.wrongUse("--header", "must be 'Name: value'");
      }
      String value = header.substring(colon + 1).strip();
      if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 127)) {
        throw Refusal.wrongUse("--header", "the value holds a control character");
      }
      read.add(new Header(name, asReceived(value)));
    }
    return read;
  }

  // HTTP carries octets, and Gatehouse sees each as one char.
  private static String asReceived(String value) {
    return new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** The body; empty if none is asked for and none is required. */
  byte[] body(Terminal terminal, boolean required) {
    if (body != null && text != null) {
      throw Refusal.wrongUse("--text", "excludes --body: give one of them");
    }
    if (text != null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    if (body == null) {
      if (required) {
        throw Refusal.wrongUse("--body", "is missing: give a file, or - for standard input");
      }
      return new byte[0];
    }
    return body.equals("-") ? standardInput(terminal) : file(terminal.path(body));
  }

  private static byte[] standardInput(Terminal terminal) {
    try {
      return bounded(terminal.in());
    } catch (IOException e) {
      throw Refusal.wrongUse("--body", "standard input cannot be read");
    }
  }

  private static byte[] file(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return bounded(in);
    } catch (IOException e) {
      throw Refusal.wrongUse(
          "--body", "the file cannot be read: check that it exists and its permissions");
    }
  }

  private static byte[] bounded(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MAX_BODY + 1);
    if (bytes.length > MAX_BODY) {
      throw Refusal.wrongUse("--body", "is larger than 64 MiB");
    }
    return bytes;
  }
}
