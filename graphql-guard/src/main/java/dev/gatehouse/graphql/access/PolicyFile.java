package dev.gatehouse.graphql.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.gatehouse.core.Problems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/**
 * Rules in a YAML or JSON file, read again without a restart: a file that cannot be read, or does
 * not fit the schema, changes nothing and says why; each decision is recorded with the version that
 * took it.
 *
 * <pre>{@code
 * version: "2026-11-27"
 * rules:
 *   Order: { authenticated: true, tenant: tenantId, owner: { by: customerId } }
 *   Order.internalNotes: { scopes: [[order:internal]], mode: observe }
 *   Query.report: { policies: [[may-report]], refuse: operation }
 *   Customer.email: { masked: { unlessScopes: [customer:pii], with: "***" } }
 *   Query.products: { public: true }
 * }</pre>
 *
 * <p>Without a version of its own, the version is a digest of the file.
 */
public final class PolicyFile {
  private static final int MAX_BYTES = 4 << 20;
  private static final int DIGEST_BYTES = 8;

  private final Path path;
  private final List<BiFunction<PolicyFile, Version, Runnable>> users =
      new CopyOnWriteArrayList<>();
  private volatile Version current;

  private PolicyFile(Path path) throws IOException {
    this.path = path;
    this.current = parsed();
  }

  /** What one state of the file says. */
  record Version(String version, RuleSet rules) {}

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws Problems.InvalidException if it says something else than rules
   */
  public static PolicyFile read(Path path) throws IOException {
    return new PolicyFile(path);
  }

  Version current() {
    return current;
  }

  /** The version that decides now. */
  public String version() {
    return current.version();
  }

  /** Is told of each new version first, and refuses it by throwing; then does what it returned. */
  void attach(BiFunction<PolicyFile, Version, Runnable> user) {
    users.add(user);
  }

  /**
   * Reads the file again, for all guards at once; blocks while it reads.
   *
   * @throws IOException if it cannot be read; nothing changes
   * @throws RuntimeException if it does not fit, as at start; nothing changes
   */
  public synchronized void reload() throws IOException {
    Version anew = parsed();
    List<Runnable> changes = new ArrayList<>();
    for (BiFunction<PolicyFile, Version, Runnable> user : users) {
      changes.add(user.apply(this, anew));
    }
    current = anew;
    changes.forEach(Runnable::run);
  }

  private Version parsed() throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    if (bytes.length > MAX_BYTES) {
      throw new IOException("a policy file has at most " + MAX_BYTES + " bytes");
    }
    Object tree;
    try {
      tree =
          new ObjectMapper(
                  YAMLFactory.builder()
                      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                      .build())
              .readValue(new String(bytes, StandardCharsets.UTF_8), Object.class);
    } catch (JsonProcessingException e) {
      Problems problems = new Problems();
      problems.add("", "is no YAML: " + e.getOriginalMessage());
      problems.throwIfAny();
      throw e;
    }
    String name = String.valueOf(path.getFileName());
    return PolicyFileReader.read(tree, name, digest(bytes));
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "sha256:" + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
