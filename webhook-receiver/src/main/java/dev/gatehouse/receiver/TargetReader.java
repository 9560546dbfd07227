package dev.gatehouse.receiver;

import dev.gatehouse.core.AddressRules;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.Deliver.EventBusAddress;
import dev.gatehouse.receiver.Deliver.Login;
import dev.gatehouse.receiver.Deliver.Mechanism;
import dev.gatehouse.receiver.Deliver.RecordKey;
import dev.gatehouse.receiver.Deliver.RedisStream;
import dev.gatehouse.receiver.Deliver.Target;
import dev.gatehouse.receiver.Deliver.Topic;
import dev.gatehouse.receiver.Deliver.Url;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the place that deliveries go to: a URL, a topic, a stream or an address. */
final class TargetReader {
  private static final List<String> KINDS = List.of("to", "kafka", "redis", "eventBus");
  private static final Url STAND_IN = new Url(URI.create("http://127.0.0.1/"), false);
  private static final int MAX_TEXT = 1024;

  // 2130706433, 0x7f000001, 0177.0.0.1, 127.0.0.1. with its last dot: no name ends in a number
  private static final Pattern NUMERIC = Pattern.compile("(?i)(^|\\.)(0x[0-9a-f]*|[0-9]+)\\.?$");

  private TargetReader() {}

  static Target read(StrictJson in) {
    List<String> given = KINDS.stream().filter(in::has).toList();
    if (given.size() > 1) {
      in.problem(given.get(1), "stands beside " + given.get(0) + ": deliveries go to one place");
    }
    boolean http = given.isEmpty() || given.contains("to");
    if (!http && in.has("allowPrivate")) {
      in.problem("allowPrivate", "is for deliver.to: remove it");
    }
    if (http) {
      return url(in);
    }
    if (given.contains("kafka")) {
      return topic(in.child("kafka"));
    }
    return given.contains("redis") ? stream(in.child("redis")) : address(in);
  }

  private static Target url(StrictJson in) {
    boolean allowPrivate = in.bool("allowPrivate", false);
    String text = in.requiredString("to");
    Optional<URI> parsed = uri(text, List.of("http", "https"));
    if (parsed.isEmpty()) {
      if (!text.isBlank()) {
        in.problem("to", "must be a URL such as https://orders.example.com/hooks");
      }
      return STAND_IN;
    }
    URI to = parsed.get();
    if (to.getRawUserInfo() != null) {
      in.problem("to", "must not hold a user or password: sign deliveries instead");
    }
    Optional<InetAddress> literal = Destination.literal(to);
    if (literal.isEmpty() && NUMERIC.matcher(to.getHost()).find()) {
      in.problem(
          "to",
          "has a number for its host, which programs read as different addresses:"
              + " write the address as 192.0.2.1");
    }
    if (literal.isPresent() && AddressRules.isLinkLocal(literal.get())) {
      in.problem(
          "to",
          "is a link-local address, where clouds keep their credentials: it is never delivered to");
    }
    return new Url(to, allowPrivate);
  }

  private static Optional<URI> uri(String text, List<String> schemes) {
    try {
      URI uri = new URI(text);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      boolean usable = schemes.contains(scheme) && uri.getHost() != null && uri.getPort() <= 65_535;
      return usable && uri.getRawFragment() == null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static Target topic(StrictJson in) {
    String bootstrap =
        matching(
            in,
            "bootstrap",
            "[A-Za-z0-9._\\[\\]:-]+:[0-9]{1,5}(,[A-Za-z0-9._\\[\\]:-]+:[0-9]{1,5})*",
            "must be host:port, or several by commas");
    String topic =
        matching(
            in,
            "topic",
            "[A-Za-z0-9._-]{1,249}",
            "must be a topic's name: up to 249 letters, digits, '.', '_' and '-'");
    RecordKey key = in.choice("key", RecordKey.class, RecordKey.ORDER);
    boolean tls = in.bool("tls", false);
    Optional<Login> login = login(in, tls);
    in.close();
    return new Topic(bootstrap, topic, key, tls, login);
  }

  private static Optional<Login> login(StrictJson in, boolean tls) {
    boolean given = in.has("user") || in.has("password") || in.has("mechanism");
    if (!given) {
      return Optional.empty();
    }
    Mechanism mechanism = in.choice("mechanism", Mechanism.class, Mechanism.SCRAM_SHA_512);
    String user = in.requiredString("user");
    Optional<Secret> password = secret(in, "password", in.requiredString("password"));
    if (mechanism == Mechanism.PLAIN && !tls) {
      in.problem(
          "mechanism", "plain sends the password as it is: set tls: true, or use scram-sha-512");
    }
    return password.map(secret -> new Login(mechanism, user, secret));
  }

  private static Target stream(StrictJson in) {
    String url = in.requiredString("url");
    Optional<URI> uri = uri(url, List.of("redis", "rediss"));
    if (uri.isEmpty() && !url.isBlank() && !url.contains("${")) {
      in.problem("url", "must be such as redis://127.0.0.1:6379 or rediss://user:password@host/0");
    }
    String stream = in.requiredString("stream");
    if (stream.length() > MAX_TEXT) {
      in.problem("stream", "must be a key of up to 1024 characters");
    }
    int maxLength = in.integer("maxLength", 1_000_000, 1, 1_000_000_000);
    in.close();
    // nothing is served with the stand-in: what makes it necessary is reported
    return uri.flatMap(
            at -> secret(in, "url", url).map(s -> new RedisStream(s, name(at), stream, maxLength)))
        .<Target>map(target -> target)
        .orElse(STAND_IN);
  }

  private static String name(URI redis) {
    int port = redis.getPort() < 0 ? 6379 : redis.getPort();
    String path = redis.getRawPath() == null ? "" : redis.getRawPath();
    return redis.getHost().toLowerCase(Locale.ROOT) + ":" + port + path;
  }

  private static Target address(StrictJson in) {
    String address = in.requiredString("eventBus");
    if (address.length() > MAX_TEXT) {
      in.problem("eventBus", "must be an address of up to 1024 characters");
    }
    return new EventBusAddress(address);
  }

  private static Optional<Secret> secret(StrictJson in, String key, String text) {
    // what is missing or could not be resolved is reported already
    if (text.isBlank() || text.contains("${")) {
      return Optional.empty();
    }
    Optional<String> refusal = Secret.refusal(text);
    refusal.ifPresent(why -> in.problem(key, why));
    return refusal.isPresent() ? Optional.empty() : Optional.of(Secret.of(in.pathOf(key), text));
  }

  private static String matching(StrictJson in, String key, String pattern, String message) {
    String text = in.requiredString(key);
    if (!text.isBlank() && !text.contains("${") && !text.matches(pattern)) {
      in.problem(key, message);
    }
    return text;
  }
}
