package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.receiver.Deliver.Login;
import dev.gatehouse.receiver.Deliver.RedisStream;
import dev.gatehouse.receiver.Deliver.Sign;
import dev.gatehouse.receiver.Deliver.Topic;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.webhook.scheme.Scheme;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether two configurations say the same of their sources. Secrets to verify and to sign with are
 * read anew when they are put to use, and not compared; schemes are compared by their names.
 */
final class SameSources {
  private static final Secret ANY = Secret.of("any", "any");
  private static final SecretSource ANY_SOURCE = SecretSource.of(ANY);

  private SameSources() {}

  static boolean same(List<Source> these, List<Source> those) {
    boolean same = these.size() == those.size();
    for (int i = 0; same && i < these.size(); i++) {
      same =
          comparable(these.get(i)).equals(comparable(those.get(i)))
              && schemes(these.get(i)).equals(schemes(those.get(i)))
              && sameSecrets(secret(these.get(i)), secret(those.get(i)));
    }
    return same;
  }

  private static boolean sameSecrets(Optional<Secret> one, Optional<Secret> other) {
    return one.map(o -> other.map(p -> o.matches(p.revealBytes())).orElse(false))
        .orElse(other.isEmpty());
  }

  private static List<String> schemes(Source source) {
    Stream<Scheme> signed = source.deliver().flatMap(Deliver::sign).stream().map(Sign::scheme);
    return Stream.concat(Stream.of(source.scheme()), signed).map(Scheme::name).toList();
  }

  /** The one that was read with the configuration. */
  private static Optional<Secret> secret(Source source) {
    Deliver.Target target = source.deliver().map(Deliver::target).orElse(null);
    if (target instanceof RedisStream redis) {
      return Optional.of(redis.url());
    }
    return target instanceof Topic topic ? topic.login().map(Login::password) : Optional.empty();
  }

  private static Source comparable(Source of) {
    return new Source(
        of.name(),
        of.enabled(),
        SchemeChoice.STAND_IN,
        of.path(),
        of.tenant(),
        of.owner(),
        of.classification(),
        ANY_SOURCE,
        of.published(),
        of.params(),
        of.publicUrl(),
        of.replayWindow(),
        of.dedupeLifetime(),
        of.mode(),
        of.limits(),
        of.maxBodyBytes(),
        of.bodyTimeout(),
        of.ack(),
        of.tellReasons(),
        of.confirmSubscriptions(),
        of.deliver().map(SameSources::comparable));
  }

  private static Deliver comparable(Deliver of) {
    return new Deliver(
        comparable(of.target()),
        of.sign().map(sign -> new Sign(SchemeChoice.STAND_IN, ANY_SOURCE)),
        of.timeout(),
        of.retry(),
        of.concurrency(),
        of.rate(),
        of.circuit(),
        of.order());
  }

  private static Deliver.Target comparable(Deliver.Target of) {
    if (of instanceof RedisStream redis) {
      return new RedisStream(ANY, redis.name(), redis.stream(), redis.maxLength());
    }
    if (of instanceof Topic topic) {
      Optional<Login> login =
          topic.login().map(given -> new Login(given.mechanism(), given.user(), ANY));
      return new Topic(topic.bootstrap(), topic.topic(), topic.key(), topic.tls(), login);
    }
    return of;
  }
}
