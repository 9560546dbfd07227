package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Which secrets are short, over, about to end, or shared by those who should not share one. */
final class SecretChecks {
  /** What NIST SP 800-107 section 5.3.4 asks for at least (112 bits), rounded up. */
  private static final int SHORT_BYTES = 16;

  private static final Duration SOON = Duration.ofDays(14);

  private record Named(String path, Secret secret) {}

  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Named> seen = new ArrayList<>();

  private SecretChecks(Instant now) {
    this.now = now;
  }

  static List<Finding> of(ReceiverConfig config, Instant now) {
    SecretChecks checks = new SecretChecks(now);
    for (Source source : config.sources()) {
      checks.source(source);
    }
    return checks.findings;
  }

  private void source(Source source) {
    boolean open = source.scheme().hasPublicKeys();
    String list = "sources." + source.name() + (open ? ".keys" : ".secrets");
    List<Secret> secrets = source.secrets().load();
    for (int i = 0; i < secrets.size(); i++) {
      String path = list + "[" + i + "]";
      Secret secret = secrets.get(i);
      over(path, secret);
      if (!open) {
        length(path + ".value", secret);
        shared(path + ".value", source, secret);
      }
    }
    ending(list, source, secrets);
    source
        .deliver()
        .flatMap(Deliver::sign)
        .ifPresent(
            sign ->
                sign.secret()
                    .load()
                    .forEach(
                        secret -> {
                          String path = "sources." + source.name() + ".deliver.sign.secret";
                          length(path, secret);
                          shared(path, source, secret);
                        }));
  }

  private void over(String path, Secret secret) {
    secret
        .notAfter()
        .filter(end -> !now.isBefore(end))
        .ifPresent(
            end ->
                findings.add(
                    Finding.advice(
                        path + ".notAfter",
                        "was " + end + ": the key is not used any more",
                        "remove the entry")));
  }

  private void length(String path, Secret secret) {
    int bytes = secret.revealBytes().length;
    if (bytes < SHORT_BYTES) {
      findings.add(
          Finding.warning(
              path,
              "is " + bytes + " bytes long and could be guessed from one captured request",
              "have the sender make one of at least " + SHORT_BYTES + " random bytes"));
    }
  }

  // One secret for two senders lets either of them, and whoever reads one of their settings, speak
  // for the other.
  private void shared(String path, Source source, Secret secret) {
    String own = "sources." + source.name() + ".secrets";
    byte[] value = secret.revealBytes();
    for (Named other : seen) {
      boolean ofOneList = path.startsWith(own) && other.path().startsWith(own);
      if (!ofOneList && other.secret().matches(value)) {
        findings.add(
            Finding.warning(
                path,
                "is the same as " + other.path() + ": who knows one can sign for the other",
                "give each a secret of its own"));
        return;
      }
    }
    seen.add(new Named(path, secret));
  }

  private void ending(String list, Source source, List<Secret> secrets) {
    if (secrets.isEmpty() || source.published().isPresent()) {
      return;
    }
    if (secrets.stream().noneMatch(secret -> isValid(secret, now))) {
      findings.add(
          Finding.warning(
              list,
              "has no key that is valid now: every delivery is rejected",
              "add a valid one, or correct notBefore and notAfter"));
      return;
    }
    Instant soon = now.plus(SOON);
    if (secrets.stream().noneMatch(secret -> isValid(secret, soon))) {
      findings.add(
          Finding.warning(
              list,
              "has no key that is valid " + SOON.toDays() + " days from now",
              "add the next key and set it at the sender"));
    }
  }

  private static boolean isValid(Secret secret, Instant at) {
    return secret.notBefore().map(begin -> !at.isBefore(begin)).orElse(true)
        && secret.notAfter().map(at::isBefore).orElse(true);
  }
}
