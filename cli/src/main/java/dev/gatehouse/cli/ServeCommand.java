package dev.gatehouse.cli;

import dev.gatehouse.core.Problems;
import dev.gatehouse.receiver.ConfigReader;
import dev.gatehouse.receiver.DemoConfig;
import dev.gatehouse.receiver.ListenException;
import dev.gatehouse.receiver.Receiver;
import dev.gatehouse.receiver.ReceiverConfig;
import dev.gatehouse.receiver.ReceiverConfig.Place;
import dev.gatehouse.receiver.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "serve",
    sortOptions = false,
    description = {
      "Runs the receiver: it verifies webhooks, keeps them, and delivers them.",
      "",
      "Without a configuration it serves a demo source on this machine only, and prints the command"
          + " that sends it a signed webhook. SIGINT and SIGTERM stop it without losing anything;"
          + " SIGHUP reads the sources again.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {"", "Example:", "  ./gatehouse serve --port 0 --management-port 0"})
final class ServeCommand implements Callable<Integer> {
  private static final String DATA = "gatehouse-data";
  private static final String FILE = "store.path: ";
  private static final String BODY_FILE = "demo-body.json";
  private static final String BODY =
      "{\"type\":\"demo.hello\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{\"hello\":\"world\"}}\n";

  private final Terminal terminal;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration; ./gatehouse.yaml if there is one, else the demo.")
  private @Nullable String config;

  @Option(
      names = "--port",
      paramLabel = "N",
      converter = Numbers.class,
      description = "The port of the webhooks, in place of the configured one; 0 takes a free one.")
  private @Nullable Integer port;

  @Option(
      names = "--management-port",
      paramLabel = "N",
      converter = Numbers.class,
      description = "The port of health, metrics and the API, likewise.")
  private @Nullable Integer managementPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "The folder of the database, in place of the configured one; ./gatehouse-data in the demo."
            + " Without effect where the store is a PostgreSQL."
      })
  private @Nullable String data;

  ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    checkPort("--port", port);
    checkPort("--management-port", managementPort);
    checkData();
    Path file = configFile();
    return file == null ? serveDemo() : serve(file);
  }

  private static void checkPort(String option, @Nullable Integer port) {
    if (port != null && port > 65_535) {
      throw Refusal.wrongUse(option, "must be between 0 and 65535");
    }
  }

  private @Nullable Path configFile() {
    if (config != null) {
      return ConfigFile.named(terminal, config);
    }
    Path usual = ConfigFile.usual(terminal);
    // a link that leads nowhere is a configuration that is missing, and asks for no demo
    return Files.exists(usual, LinkOption.NOFOLLOW_LINKS) ? usual : null;
  }

  private void checkData() {
    if (data != null && data.isBlank()) {
      throw Refusal.wrongUse("--data", "is empty: give a folder, or leave it out");
    }
  }

  private int serve(Path file) {
    ConfigReader reader = ConfigReader.withEnvironment(terminal.environment());
    ReceiverConfig read = read(reader, file);
    if (data != null) {
      read = inDataFolder(read, data);
    }
    ReceiverConfig effective = withPorts(read);
    Receiver receiver =
        Receiver.builder(effective)
            .configReader(reader)
            .clock(terminal.clock())
            .reloadFrom(file)
            .build();
    return run(receiver, effective, List.of());
  }

  private ReceiverConfig inDataFolder(ReceiverConfig read, String folder) {
    if (read.store().place() instanceof Place.Postgres) {
      terminal.say("--data has no effect: deliveries are kept in the PostgreSQL of store.url");
    }
    return read.withDataFolder(terminal.path(folder));
  }

  private static ReceiverConfig read(ConfigReader reader, Path file) {
    try {
      return reader.read(file);
    } catch (Problems.InvalidException e) {
      throw ConfigFile.refused(e);
    }
  }

  private int serveDemo() {
    String folder = data == null ? DATA : data;
    DemoConfig demo = demo(terminal.path(folder));
    try (DemoService service = demoService(demo)) {
      return serveDemo(demo.deliveringTo(service.uri()), Path.of(folder).resolve(BODY_FILE));
    }
  }

  private DemoService demoService(DemoConfig demo) {
    try {
      return DemoService.start(demo.schemeName(), demo.secret(), terminal);
    } catch (IOException e) {
      throw Refusal.no("serve", "the demo's own service cannot listen on this machine");
    }
  }

  private int serveDemo(DemoConfig demo, Path body) {
    ReceiverConfig effective = withPorts(demo.config());
    Receiver receiver = Receiver.builder(effective).clock(terminal.clock()).build();
    return run(
        receiver,
        effective,
        List.of(
            "",
            "There is no gatehouse.yaml here, so this is the demo; ./gatehouse init writes one.",
            "Send it a signed webhook from another terminal, and see it delivered here:",
            "",
            "  ./gatehouse send --scheme "
                + demo.schemeName()
                + " --secret "
                + Shell.quote(demo.secret())
                + " --to @WEBHOOKS@"
                + demo.path()
                + " --body "
                + Shell.quote(body.toString()),
            ""));
  }

  private DemoConfig demo(Path folder) {
    try {
      DemoConfig demo = DemoConfig.in(folder, new SecureRandom());
      if (!Files.exists(folder.resolve(BODY_FILE))) {
        Files.writeString(folder.resolve(BODY_FILE), BODY, StandardCharsets.UTF_8);
      }
      return demo;
    } catch (StoreException e) {
      throw Refusal.wrongUse("--data", String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw Refusal.wrongUse("--data", "the folder cannot be written to: check its permissions");
    }
  }

  private ReceiverConfig withPorts(ReceiverConfig read) {
    ReceiverConfig moved = port == null ? read : read.withPort(port);
    return managementPort == null ? moved : moved.withManagementPort(managementPort);
  }

  private int run(Receiver receiver, ReceiverConfig effective, List<String> then) {
    CountDownLatch stop = new CountDownLatch(1);
    Receiver.Started started = start(receiver, effective);
    // Only what runs can be stopped without loss; before this, a signal ends the process at once.
    terminal.signals().onStop(stop::countDown);
    String webhooks = url(effective.server().host(), started.publicPort());
    terminal.print("webhooks    " + webhooks + path(effective));
    terminal.print("management  " + url(effective.management().host(), started.managementPort()));
    then.forEach(line -> terminal.print(line.replace("@WEBHOOKS@", webhooks)));
    terminal.say("Ctrl-C stops it.");
    try {
      stop.await();
      terminal.say("stopping: requests and deliveries under way are ended …");
      receiver.stop().toCompletionStage().toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw Refusal.no("serve", "did not stop cleanly; the log says why");
    }
    terminal.say("stopped");
    return 0;
  }

  private static String path(ReceiverConfig config) {
    return config.sources().size() == 1 ? config.sources().get(0).path() : "";
  }

  private static String url(String host, int port) {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private Receiver.Started start(Receiver receiver, ReceiverConfig effective) {
    try {
      return receiver.start().toCompletionStage().toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.no("serve", "was interrupted");
    } catch (ExecutionException e) {
      throw refused(e.getCause(), effective);
    }
  }

  private RuntimeException refused(@Nullable Throwable cause, ReceiverConfig effective) {
    if (cause instanceof ListenException taken) {
      return portTaken(taken, effective);
    }
    if (cause instanceof Problems.InvalidException invalid) {
      return ConfigFile.refused(invalid);
    }
    if (cause instanceof StoreException) {
      return storeRefused(String.valueOf(cause.getMessage()));
    }
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }

  // What concerns a value of the configuration begins with its path; the demo has none.
  private Refusal storeRefused(String message) {
    if ((data != null || configFile() == null) && message.startsWith(FILE)) {
      return Refusal.wrongUse("--data", message.substring(FILE.length()));
    }
    boolean named = message.startsWith("store.") || message.startsWith("shared.");
    return named ? Refusal.wrongUse(List.of(message)) : Refusal.wrongUse("store", message);
  }

  private Refusal portTaken(ListenException taken, ReceiverConfig effective) {
    var server = effective.server();
    var management = effective.management();
    return taken.path().equals("server.port")
        ? taken(origin("--port", port, taken), server.host(), server.port())
        : taken(
            origin("--management-port", managementPort, taken),
            management.host(),
            management.port());
  }

  // where the port can be changed: the demo has no configuration
  private String origin(String option, @Nullable Integer given, ListenException taken) {
    return given != null || configFile() == null ? option : taken.path();
  }

  private static Refusal taken(String option, String host, int port) {
    return Refusal.wrongUse(
        option,
        "nothing can listen on "
            + host
            + " port "
            + port
            + ": something else does already, or the address is not this machine's; choose another,"
            + " or 0 for a free one");
  }
}
