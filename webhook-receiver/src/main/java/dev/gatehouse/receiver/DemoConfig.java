package dev.gatehouse.receiver;

import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.receiver.ReceiverConfig.Limits;
import dev.gatehouse.receiver.ReceiverConfig.Management;
import dev.gatehouse.receiver.ReceiverConfig.Server;
import dev.gatehouse.receiver.ReceiverConfig.Shared;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Store;
import dev.gatehouse.receiver.ReceiverConfig.Tenant;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A receiver without a configuration: one source, {@code demo}, on this machine only, whose secret
 * is generated once and kept in the data folder.
 *
 * @param config what to start
 * @param sourceName the source's name
 * @param schemeName the source's scheme
 * @param path the path to post to
 * @param secret its secret, which the owner of the data folder may see
 */
public record DemoConfig(
    ReceiverConfig config, String sourceName, String schemeName, String path, String secret) {
  private static final String NAME = "demo";
  private static final String SCHEME = "standard-webhooks";
  private static final String SECRET_FILE = "demo-secret";

  /**
   * The demo of that data folder, which is made if there is none. Blocks.
   *
   * @throws StoreException if the folder or the secret's file cannot be used
   */
  public static DemoConfig in(Path folder, SecureRandom random) {
    String secret = secret(folder, random);
    String path = "/hooks/" + NAME;
    Source demo =
        new Source(
            NAME,
            true,
            Schemes.named(SCHEME),
            path,
            new Tenant.None(),
            Optional.empty(),
            Optional.of("demo"),
            SecretSource.of(Secret.of(NAME, secret)),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Duration.ofDays(4),
            Mode.ENFORCE,
            new Limits(OptionalInt.empty(), 1, 600),
            1 << 20,
            Duration.ofSeconds(10),
            204,
            false,
            false,
            Optional.empty());
    ReceiverConfig config =
        new ReceiverConfig(
            new Server("127.0.0.1", 8080, 64L << 20, List.of(), false),
            new Management("127.0.0.1", 9090, Optional.empty()),
            Store.sqlite(folder.resolve("inbox.db"), Duration.ofDays(30)),
            List.of(demo),
            Shared.none());
    return new DemoConfig(config, NAME, SCHEME, path, secret);
  }

  /**
   * The same, delivering to a service of this machine, signed with the demo's secret. One at a
   * time: it is there to be looked at.
   */
  public DemoConfig deliveringTo(URI service) {
    Source kept = config.sources().get(0);
    Deliver deliver =
        new Deliver(
            new Deliver.Url(service, false),
            Optional.of(new Deliver.Sign(kept.scheme(), kept.secrets())),
            Duration.ofSeconds(5),
            new RetrySchedule(12, Duration.ofSeconds(1), Duration.ofMinutes(1)),
            1,
            Optional.empty(),
            Circuit.Settings.DEFAULT,
            new Deliver.Order.None());
    Source delivering =
        new Source(
            kept.name(),
            kept.enabled(),
            kept.scheme(),
            kept.path(),
            kept.tenant(),
            kept.owner(),
            kept.classification(),
            kept.secrets(),
            kept.published(),
            kept.params(),
            kept.publicUrl(),
            kept.replayWindow(),
            kept.dedupeLifetime(),
            kept.mode(),
            kept.limits(),
            kept.maxBodyBytes(),
            kept.bodyTimeout(),
            kept.ack(),
            kept.tellReasons(),
            kept.confirmSubscriptions(),
            Optional.of(deliver));
    ReceiverConfig moved =
        new ReceiverConfig(
            config.server(),
            config.management(),
            config.store(),
            List.of(delivering),
            config.shared());
    return new DemoConfig(moved, sourceName, schemeName, path, secret);
  }

  private static String secret(Path folder, SecureRandom random) {
    Path file = folder.resolve(SECRET_FILE);
    try {
      createFolder(folder);
      if (!Files.exists(file)) {
        write(file, random);
      }
      String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
      if (Secret.refusal(secret).isPresent()) {
        throw new StoreException(file + " holds no secret: remove it, and a new one is made");
      }
      return secret;
    } catch (IOException e) {
      throw new StoreException(
          file + " cannot be read or written: check the folder's permissions", e);
    }
  }

  private static void createFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, mode(folder, "rwx------"));
    }
  }

  private static void write(Path file, SecureRandom random) throws IOException {
    String secret = ConfigTemplate.newSecret(random);
    try (var channel =
        Files.newByteChannel(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            mode(file, "rw-------"))) {
      channel.write(StandardCharsets.UTF_8.encode(secret + "\n"));
    } catch (FileAlreadyExistsException e) {
      // another start was faster; its secret is as good
      return;
    }
  }

  private static FileAttribute<?>[] mode(Path path, String permissions) {
    Set<String> views = path.getFileSystem().supportedFileAttributeViews();
    return views.contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /** Names the source; never the secret. */
  @Override
  public String toString() {
    return "DemoConfig[" + sourceName + ", " + path + "]";
  }
}
