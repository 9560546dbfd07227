package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.ReceiverConfig.Management;
import dev.gatehouse.receiver.ReceiverConfig.Quarantine;
import dev.gatehouse.receiver.ReceiverConfig.Server;
import dev.gatehouse.receiver.ReceiverConfig.Shared;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Store;
import dev.gatehouse.redis.RedisStore;
import dev.gatehouse.webhook.TrustedProxies;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code gatehouse.yaml} and refuses it as a whole if anything in it is wrong, with
 * everything that is, each with its path and what to do.
 *
 * <pre>{@code
 * ReceiverConfig config = ConfigReader.create().read(Path.of("gatehouse.yaml"));
 * }</pre>
 *
 * <p>Reading blocks: it reads files, and tries each source's secrets.
 */
public final class ConfigReader {
  private static final long MAX_FILE_BYTES = 1 << 20;

  private final UnaryOperator<@Nullable String> environment;

  private ConfigReader(UnaryOperator<@Nullable String> environment) {
    this.environment = environment;
  }

  /** Reads with this process's environment. */
  public static ConfigReader create() {
    return new ConfigReader(System::getenv);
  }

  /** Reads with an environment of your own. */
  public static ConfigReader withEnvironment(Map<String, String> environment) {
    Map<String, String> copy = Map.copyOf(environment);
    return new ConfigReader(copy::get);
  }

  /**
   * A configuration, and the files besides its own that it was read from.
   *
   * @param config the configuration
   * @param files what <code>${file:…}</code> named
   * @param literalSecrets the paths of secrets whose values stand in the file itself
   */
  record Loaded(ReceiverConfig config, Set<Path> files, List<String> literalSecrets) {}

  /**
   * Reads a file.
   *
   * @throws Problems.InvalidException if anything in it is wrong, or it cannot be read
   */
  public ReceiverConfig read(Path file) {
    return load(file).config();
  }

  Loaded load(Path file) {
    Problems problems = new Problems();
    String text = text(file, problems);
    problems.throwIfAny();
    Path folder = file.toAbsolutePath().getParent();
    return load(text, folder == null ? file.toAbsolutePath() : folder);
  }

  /**
   * Reads a text.
   *
   * @param yaml the configuration
   * @param folder where its relative paths begin
   * @throws Problems.InvalidException if anything in it is wrong
   */
  public ReceiverConfig read(String yaml, Path folder) {
    return load(yaml, folder).config();
  }

  private Loaded load(String yaml, Path folder) {
    Problems problems = new Problems();
    Interpolation interpolation = new Interpolation(environment, folder);
    Object raw = YamlTree.read(yaml, problems);
    problems.throwIfAny();
    Object tree = interpolation.tree(raw, "", problems);
    ReceiverConfig config = config(tree, interpolation, folder, problems);
    problems.throwIfAny();
    return new Loaded(
        config, interpolation.files(), Interpolation.literalSecrets(raw, secretParams(config)));
  }

  private static String text(Path file, Problems problems) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        problems.add("", file + " is larger than 1 MiB: it is not a configuration");
        return "";
      }
      byte[] bytes = Files.readAllBytes(file);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      problems.add("", file + " is not UTF-8 text: save it as UTF-8");
    } catch (IOException e) {
      problems.add("", file + " cannot be read: check that it exists and its permissions");
    }
    return "";
  }

  private static ReceiverConfig config(
      @Nullable Object tree, Interpolation interpolation, Path folder, Problems problems) {
    if (tree == null) {
      problems.add("", "the file is empty: run 'gatehouse init' for one to start with");
    }
    StrictJson in = StrictJson.object(tree, "", problems);
    StrictJson serverIn = in.child("server");
    ServerDefaults defaults = ServerDefaults.read(serverIn);
    Management management = management(serverIn.child("management"));
    Server server = server(serverIn, defaults);
    serverIn.close();
    Store store = StoreReader.read(in.child("store"), folder);
    Shared shared = shared(in.child("shared"));
    List<Source> sources = sources(in, defaults, interpolation, problems);
    requireSources(store, in);
    in.close();
    return new ReceiverConfig(server, management, store, sources, shared);
  }

  private static void requireSources(Store store, StrictJson in) {
    if (!(in.any("sources").orElse(Map.of()) instanceof Map<?, ?> known)) {
      return;
    }
    for (String name : store.quarantine().map(Quarantine::sources).orElse(List.of())) {
      if (!known.containsKey(name)) {
        in.problem("store.quarantine.sources", "names a source that is not under sources");
      }
    }
  }

  private static Server server(StrictJson in, ServerDefaults defaults) {
    return new Server(
        host(in, "127.0.0.1"),
        in.integer("port", 8080, 0, 65_535),
        defaults.maxBodiesInFlight(),
        proxies(in),
        in.bool("hideSources", false));
  }

  private static String host(StrictJson in, String otherwise) {
    String host = in.string("host", otherwise);
    if (host.isBlank()) {
      in.problem("host", "must not be empty: 127.0.0.1 for this machine, 0.0.0.0 for all");
    }
    return host;
  }

  private static List<String> proxies(StrictJson in) {
    List<String> networks = in.strings("trustedProxies");
    for (int i = 0; i < networks.size(); i++) {
      try {
        TrustedProxies.of(List.of(networks.get(i)));
      } catch (IllegalArgumentException e) {
        in.problem("trustedProxies[" + i + "]", String.valueOf(e.getMessage()));
      }
    }
    return networks;
  }

  private static Management management(StrictJson in) {
    String host = host(in, "127.0.0.1");
    int port = in.integer("port", 9090, 0, 65_535);
    Optional<Secret> token = token(in);
    if (!in.has("token") && !Loopback.isLoopback(host)) {
      in.problem(
          "token",
          "is missing: whoever reaches "
              + host
              + " could read and replay deliveries; set a token, or host: 127.0.0.1");
    }
    in.close();
    // nothing is served with the stand-in: what makes it necessary is reported
    return new Management(token.isPresent() ? host : standIn(host), port, token);
  }

  private static String standIn(String host) {
    return Loopback.isLoopback(host) ? host : "127.0.0.1";
  }

  private static Optional<Secret> token(StrictJson in) {
    Optional<String> text = in.string("token");
    if (text.isEmpty() || text.get().contains("${")) {
      // what could not be resolved is reported already
      return Optional.empty();
    }
    Optional<String> refusal = Secret.refusal(text.get());
    if (refusal.isPresent()) {
      in.problem("token", refusal.get());
      return Optional.empty();
    }
    return Optional.of(Secret.of("management.token", text.get()));
  }

  private static Shared shared(StrictJson in) {
    enum Kind {
      NONE,
      REDIS
    }
    Kind kind = in.choice("kind", Kind.class, Kind.NONE);
    Optional<String> url = in.string("url");
    in.close();
    if (kind == Kind.NONE) {
      url.ifPresent(given -> in.problem("url", "is for kind: redis: remove it"));
      return Shared.none();
    }
    if (url.isEmpty()) {
      in.problem("url", "is missing: such as redis://redis.internal:6379");
      return Shared.none();
    }
    // what could not be resolved is reported already
    Optional<String> refusal =
        url.get().contains("${") ? Optional.empty() : RedisStore.refusal(url.get());
    refusal.ifPresent(why -> in.problem("url", why));
    return refusal.isPresent() || url.get().contains("${")
        ? Shared.none()
        : new Shared(Optional.of(Secret.of("shared.url", url.get())));
  }

  private static Set<String> secretParams(ReceiverConfig config) {
    Set<String> paths = new HashSet<>();
    for (Source source : config.sources()) {
      source
          .scheme()
          .params()
          .forEach(
              (key, param) -> {
                if (param.secret() && source.params().containsKey(key)) {
                  paths.add("sources." + source.name() + ".params." + key);
                }
              });
    }
    return paths;
  }

  private static List<Source> sources(
      StrictJson in, ServerDefaults defaults, Interpolation interpolation, Problems problems) {
    Object given = in.any("sources").orElse("");
    if (given.equals("") || given.equals(Map.of())) {
      in.problem("sources", "is missing: name at least one sender");
      return List.of();
    }
    StrictJson all = in.child("sources");
    List<Source> sources = new ArrayList<>();
    Map<String, String> paths = new LinkedHashMap<>();
    for (String name : all.keys()) {
      StrictJson source = all.child(name);
      new SourceReader(name, source, defaults, interpolation, problems)
          .read()
          .ifPresent(sources::add);
      String path = source.string("path", "/hooks/" + name);
      String earlier = paths.putIfAbsent(path, name);
      if (earlier != null) {
        source.problem("path", "is the path of sources." + earlier + " too: give each its own");
      }
    }
    return sources;
  }
}
