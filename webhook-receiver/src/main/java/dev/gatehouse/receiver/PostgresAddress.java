package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a PostgreSQL is, and as whom to use it.
 *
 * @param url a JDBC URL without credentials
 * @param user the role
 * @param password its password; empty where the server asks for none
 */
public record PostgresAddress(String url, String user, Optional<Secret> password) {
  private static final String PREFIX = "jdbc:postgresql:";
  private static final String SCHEMA = "gatehouse";
  private static final int CONNECT_SECONDS = 10;
  private static final int LOGIN_SECONDS = 15;
  private static final int SOCKET_SECONDS = 20;
  private static final String BOUNDS =
      "-c statement_timeout=10000 -c lock_timeout=5000"
          + " -c idle_in_transaction_session_timeout=30000";

  /** Why this is no URL of a PostgreSQL, as the end of a sentence; empty if it is one. */
  static Optional<String> refusal(String url) {
    if (!url.startsWith(PREFIX)) {
      return Optional.of(
          "must begin with " + PREFIX + "//, such as jdbc:postgresql://db:5432/hooks");
    }
    Properties parsed = Driver.parseURL(url, null);
    if (parsed == null) {
      return Optional.of("is no JDBC URL: write it as jdbc:postgresql://db:5432/hooks");
    }
    // it is printed where something goes wrong
    if (parsed.stringPropertyNames().stream().anyMatch(PostgresAddress::isKeyPassword)) {
      return Optional.of(
          "must not hold sslpassword: name a key file that needs none, readable by this user only");
    }
    if (url.contains("@")
        || parsed.stringPropertyNames().stream().anyMatch(PostgresAddress::isLogin)) {
      return Optional.of("must not hold credentials: give user and password beside it");
    }
    return Optional.empty();
  }

  // The driver takes no other spelling, but a password it is all the same.
  private static boolean isKeyPassword(String property) {
    return property.equalsIgnoreCase(PGProperty.SSL_PASSWORD.getName());
  }

  private static boolean isLogin(String property) {
    return property.equalsIgnoreCase(PGProperty.USER.getName())
        || property.equalsIgnoreCase(PGProperty.PASSWORD.getName());
  }

  /** Whether every server it names is on this machine. */
  boolean isLoopback() {
    String hosts = PGProperty.PG_HOST.getOrDefault(parsed());
    if (hosts == null) {
      return true;
    }
    for (String host : hosts.split(",", -1)) {
      if (!Loopback.isLoopback(host)) {
        return false;
      }
    }
    return true;
  }

  /** The URL's {@code sslmode}; {@code prefer} where it has none, as the driver takes it. */
  String sslMode() {
    String mode = PGProperty.SSL_MODE.getOrNull(parsed());
    boolean ssl = "true".equalsIgnoreCase(PGProperty.SSL.getOrNull(parsed()));
    return mode == null ? (ssl ? "verify-full" : "prefer") : mode.toLowerCase(Locale.ROOT);
  }

  private Properties parsed() {
    Properties parsed = Driver.parseURL(url, null);
    return parsed == null ? new Properties() : parsed;
  }

  /** The schema that holds our tables: the first of the URL's {@code currentSchema}, or our own. */
  String schema() {
    return searchPath().split(",", 2)[0].strip();
  }

  private String searchPath() {
    String named = PGProperty.CURRENT_SCHEMA.getOrNull(parsed());
    return named == null ? SCHEMA : named;
  }

  /** Connections on which every statement and every wait has an end. */
  PGSimpleDataSource bounded() {
    PGSimpleDataSource source = unbounded();
    source.setSocketTimeout(SOCKET_SECONDS);
    source.setOptions(BOUNDS);
    return source;
  }

  /** Connections for what may take long: a migration, a wait for a notice. */
  PGSimpleDataSource unbounded() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url);
    source.setUser(user);
    password.ifPresent(secret -> source.setPassword(secret.revealText()));
    source.setCurrentSchema(searchPath());
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setLoginTimeout(LOGIN_SECONDS);
    source.setTcpKeepAlive(true);
    source.setApplicationName("gatehouse");
    // the details of an error hold the row that was refused
    source.setLogServerErrorDetail(false);
    return source;
  }

  /** Whether it is the same address with the same password. */
  boolean sameAs(PostgresAddress other) {
    boolean samePassword =
        password
            .map(p -> other.password.map(o -> p.matches(o.revealBytes())).orElse(false))
            .orElse(other.password.isEmpty());
    return url.equals(other.url) && user.equals(other.user) && samePassword;
  }

  /** Names the place; never a password, nor any other of the URL's properties. */
  @Override
  public String toString() {
    return url.split("\\?", 2)[0] + " as " + user;
  }
}
