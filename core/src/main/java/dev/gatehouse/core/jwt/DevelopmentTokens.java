package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Authenticator;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.TenantId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collection;
import javax.crypto.Mac;

/**
 * Tokens for trying things out on one machine, which nothing else accepts: their key is made at
 * random for one folder, and whoever reads that folder can be anybody.
 *
 * <p>They are what the samples take instead of an identity provider's. Give a service of your own
 * an issuer: {@link JwtAuthenticator}.
 */
public final class DevelopmentTokens {
  /** The file that holds the key. */
  public static final String FILE = "development.key";

  private static final String ISSUER = "gatehouse-development";
  private static final String AUDIENCE = "gatehouse-samples";
  private static final int KEY_BYTES = 32;
  private static final int MAX_FILE = 256;
  private static final Duration MAX_LIFETIME = Duration.ofDays(1);

  private final Secret key;

  private DevelopmentTokens(Secret key) {
    this.key = key;
  }

  /**
   * The tokens of that folder, whose key is made if there is none; only its owner can read it.
   *
   * @throws IOException if the key can be neither read nor written, or is not one of ours
   */
  public static DevelopmentTokens in(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    Files.createDirectories(folder);
    if (!Files.exists(file)) {
      create(file);
    }
    if (Files.size(file) > MAX_FILE) {
      throw new IOException(file + " is no key: remove it, and it is made anew");
    }
    String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
    if (text.length() < KEY_BYTES) {
      throw new IOException(file + " is no key: remove it, and it is made anew");
    }
    return new DevelopmentTokens(Secret.of("development", text));
  }

  // Two processes may begin at once: the second takes the key of the first. It is written aside and
  // then linked, so that nobody reads half of it.
  private static void create(Path file) throws IOException {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Path aside = Files.createTempFile(file.toAbsolutePath().getParent(), FILE, "", ownerOnly(file));
    try {
      Files.writeString(aside, text, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
      link(file, aside);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private static void link(Path file, Path aside) throws IOException {
    try {
      Files.createLink(file, aside);
    } catch (FileAlreadyExistsException another) {
      // that one is as good
    } catch (UnsupportedOperationException | FileSystemException noLinks) {
      moveUnlessThere(file, aside);
    }
  }

  // Such as on FAT, which has no links.
  private static void moveUnlessThere(Path file, Path aside) throws IOException {
    try {
      Files.move(aside, file);
    } catch (FileAlreadyExistsException another) {
      // that one is as good
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /**
   * A token (RFC 7519, HS256).
   *
   * @param subject who its bearer is, not blank
   * @param scopes what it grants; none may hold a space
   * @param lifetime how long it is good for; at most a day
   * @throws IllegalArgumentException if one of them is refused
   */
  public String issue(
      String subject, TenantId tenant, Collection<String> scopes, Duration lifetime, Instant now) {
    if (subject.isBlank()) {
      throw new IllegalArgumentException("the subject is blank");
    }
    if (scopes.stream().anyMatch(scope -> scope.isBlank() || scope.contains(" "))) {
      throw new IllegalArgumentException("a scope is a word");
    }
    if (lifetime.isNegative() || lifetime.isZero() || lifetime.compareTo(MAX_LIFETIME) > 0) {
      throw new IllegalArgumentException("a token is good for a second to a day");
    }
    JsonObject claims =
        new JsonObject()
            .put("iss", ISSUER)
            .put("aud", new JsonArray().add(AUDIENCE))
            .put("sub", subject)
            .put("tenant", tenant.value())
            .put("scope", String.join(" ", scopes))
            .put("iat", now.getEpochSecond())
            .put("exp", now.plus(lifetime).getEpochSecond());
    JsonObject header = new JsonObject().put("alg", "HS256").put("typ", "JWT").put("kid", key.id());
    String signed = part(header) + "." + part(claims);
    return signed + "." + base64(mac(signed));
  }

  private static String part(JsonObject json) {
    return base64(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private byte[] mac(String signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(JwtAlgorithm.HS256.shared(key));
      return mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
    }
  }

  /** Accepts the tokens of this folder, and none of another. */
  public Authenticator authenticator(InstantSource clock) {
    return JwtAuthenticator.create(
        KeySet.shared(JwtAlgorithm.HS256, key),
        ClaimRules.builder(ISSUER, AUDIENCE).requireTenant().clock(clock).build(),
        JwtAlgorithm.HS256);
  }
}
