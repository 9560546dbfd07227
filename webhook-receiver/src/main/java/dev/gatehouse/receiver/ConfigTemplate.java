package dev.gatehouse.receiver;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/** A commented configuration to begin with, and the schema by which editors check one. */
public final class ConfigTemplate {
  private static final int SECRET_BYTES = 32;

  private ConfigTemplate() {}

  /**
   * A configuration that starts as it is: one source, whose secret was made for it.
   *
   * @param secret the source's secret, such as {@link #newSecret} makes
   */
  public static String yaml(String secret) {
    return resource("gatehouse.template.yaml").replace("@SECRET@", secret);
  }

  /** The same with a new secret. */
  public static String yaml() {
    return yaml(newSecret(new SecureRandom()));
  }

  /** A secret in the form of Standard Webhooks. */
  public static String newSecret(SecureRandom random) {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return "whsec_" + Base64.getEncoder().encodeToString(bytes);
  }

  /** The JSON Schema (draft 2020-12) of {@code gatehouse.yaml}. */
  public static String jsonSchema() {
    return resource("gatehouse.schema.json");
  }

  private static String resource(String name) {
    try (InputStream in = ConfigTemplate.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
