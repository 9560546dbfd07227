package dev.gatehouse.receiver;

import dev.gatehouse.core.Mode;
import dev.gatehouse.receiver.Deliver.RedisStream;
import dev.gatehouse.receiver.Deliver.Topic;
import dev.gatehouse.receiver.Deliver.Url;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.webhook.scheme.Handshake;
import dev.gatehouse.webhook.scheme.MessageRule;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a source leaves weak: in what it verifies, in what it answers, and in where it delivers. */
final class SourceChecks {
  private static final Duration LONG_WINDOW = Duration.ofHours(1);
  private static final Duration SHORT_RETRIES = Duration.ofHours(1);

  private final Source source;
  private final List<Finding> findings = new ArrayList<>();

  private SourceChecks(Source source) {
    this.source = source;
  }

  static List<Finding> of(Source source) {
    SourceChecks checks = new SourceChecks(source);
    checks.governance();
    checks.verification();
    checks.answers();
    source.deliver().ifPresent(checks::delivery);
    return checks.findings;
  }

  private void governance() {
    if (source.classification().isEmpty()) {
      advise(
          "classification", "is missing: nobody can tell how careful to be", "say what it holds");
    }
    if (source.limits().requestsPerSecond().isEmpty()) {
      advise(
          "limits.requestsPerSecond",
          "is not set: a sender that runs wild fills the store",
          "set it to a few times the sender's usual rate");
    }
  }

  private void verification() {
    Scheme scheme = source.scheme();
    if (source.mode() == Mode.OBSERVE) {
      warn("mode", "is observe: what fails verification is let through", "set mode: enforce");
    }
    if (scheme.confidence() == Scheme.Confidence.LOW) {
      warn(
          "scheme",
          scheme.name() + " is of low confidence: its facts were not confirmed",
          "try it with real deliveries, and report what you find");
    }
    if (!scheme.protectsIntegrity()) {
      advise(
          "scheme",
          scheme.name()
              + (scheme.isToken() || scheme.jwt() != null
                  ? " shows a token and signs no body: whoever saw one request can forge any"
                  : " does not sign all of the body: whoever saw one request can change the rest"),
          "let in the sender's network only, and fetch what matters from the sender's API");
    }
    Handshake.Compare owner = scheme.owner();
    if (owner != null && source.params().getOrDefault(owner.param(), "").isBlank()) {
      warn(
          "params." + owner.param(),
          "is missing: the provider's key signs for all its customers, each of whom can send here"
              + " what was signed for him",
          "give it; deliveries of others are refused then");
    }
    if (scheme.message() != null
        && "true".equals(source.params().getOrDefault(MessageRule.UNSIGNED_BODY, "").strip())) {
      warn(
          "params." + MessageRule.UNSIGNED_BODY,
          "is true: whoever relays a request can put another body under its signature",
          "remove it, and have the sender cover content-digest");
    }
    if (source.published().map(keys -> keys.allowInsecureKeyUrl()).orElse(false)) {
      warn(
          "keys.allowInsecureKeyUrl",
          "is on: whoever answers on that port decides which signatures are right",
          "publish the keys over https");
    }
    if (source.replayWindow().isPresent() && !scheme.signsTime()) {
      warn(
          "replayWindow",
          "has no effect: scheme "
              + scheme.name()
              + " signs no time, and what is known of earlier deliveries alone tells a replay",
          "remove it, and see that dedupe.lifetime is long enough");
    }
    source
        .replayWindow()
        .filter(window -> scheme.signsTime() && window.compareTo(LONG_WINDOW) > 0)
        .ifPresent(
            window ->
                warn(
                    "replayWindow",
                    "is " + Durations.format(window) + ": a captured request is good for as long",
                    "5m is enough for clocks that are set; retries are signed anew"));
  }

  private void answers() {
    if (source.tellReasons()) {
      warn(
          "responses.reasons",
          "is on: an attacker is told how far he came",
          "remove it once the source works");
    }
    if (source.confirmSubscriptions()) {
      advise(
          "confirmSubscriptions",
          "is on: a signed request makes this server call the provider",
          "remove it once the subscription is confirmed");
    }
  }

  private void delivery(Deliver deliver) {
    if (deliver.target() instanceof Url url) {
      url(url);
    }
    if (deliver.target() instanceof Topic topic && !topic.tls()) {
      inClear("deliver.kafka.tls", topic.bootstrap().split(",", -1));
    }
    if (deliver.target() instanceof RedisStream stream
        && stream.url().revealText().startsWith("redis://")) {
      inClear("deliver.redis.url", stream.name());
    }
    if (deliver.sign().isEmpty()) {
      advise(
          "deliver.sign",
          "is missing: the destination cannot tell these deliveries from anybody else's",
          "sign them, and verify at the destination");
    }
    if (span(deliver.retry()).compareTo(SHORT_RETRIES) < 0) {
      advise(
          "deliver.retry",
          "gives up within an hour: an outage longer than that needs a replay by hand",
          "raise attempts or maxDelay");
    }
  }

  private void url(Url url) {
    String scheme = String.valueOf(url.to().getScheme()).toLowerCase(Locale.ROOT);
    if (scheme.equals("http")) {
      inClear("deliver.to", String.valueOf(url.to().getHost()));
    }
    if (url.allowPrivate()) {
      advise(
          "deliver.allowPrivate",
          "is on: whoever can change that name's address chooses a host of your network",
          "write the address as a literal where you can");
    }
  }

  private void inClear(String key, String... places) {
    if (!Arrays.stream(places).allMatch(place -> Loopback.isLoopback(hostOf(place)))) {
      warn(
          key,
          "sends payloads over the network in clear",
          "use TLS, or a destination on this machine");
    }
  }

  private static String hostOf(String place) {
    int port = place.lastIndexOf(':');
    boolean isPort = port > 0 && place.substring(port + 1).matches("[0-9]+");
    return isPort ? place.substring(0, port).strip() : place.strip();
  }

  private static Duration span(RetrySchedule retry) {
    Duration span = Duration.ZERO;
    for (int attempt = 1; retry.allowsAfter(attempt); attempt++) {
      span = span.plus(retry.longestAfter(attempt));
    }
    return span;
  }

  private void warn(String key, String problem, String fix) {
    findings.add(Finding.warning("sources." + source.name() + "." + key, problem, fix));
  }

  private void advise(String key, String problem, String fix) {
    findings.add(Finding.advice("sources." + source.name() + "." + key, problem, fix));
  }
}
