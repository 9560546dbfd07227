package dev.gatehouse.webhook;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Mistakes.Mistake;
import dev.gatehouse.webhook.scheme.MessageRule;
import dev.gatehouse.webhook.scheme.Scheme;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says why a request does not verify: makes the known mistakes undone, one by one and in pairs, and
 * names the one under which the signature is right.
 *
 * <p>It works offline, on a request at hand, and is for a desk and not for the path of requests: it
 * makes up to {@link #MAX_ATTEMPTS} verifications. What it says holds no secret, no signature and
 * nothing of the body, so that it can be pasted into a ticket.
 *
 * <pre>{@code
 * Explain.Explanation why = Explain.of(Schemes.named("github"), secrets, Map.of(), request, now);
 * why.findings().forEach(f -> System.out.println(f.what() + " " + f.remedy()));
 * }</pre>
 */
public final class Explain {
  /** How many verifications are made at most. */
  public static final int MAX_ATTEMPTS = 3_000;

  /** Bodies beyond this are not taken apart. */
  public static final int MAX_BODY_BYTES = 1 << 20;

  /**
   * A mistake that explains the rejection, or may.
   *
   * @param code a stable name, such as {@code json_reserialised}
   * @param certain whether the signature is right once the mistake is undone
   * @param what what is wrong
   * @param remedy what to do
   */
  public record Finding(String code, boolean certain, String what, String remedy) {}

  /**
   * What was found out.
   *
   * @param reason why the request is rejected; empty if it is not
   * @param findings the mistakes, the likeliest first; empty if the request verifies
   * @param attempts how many verifications were made
   */
  public record Explanation(Optional<RejectReason> reason, List<Finding> findings, int attempts) {
    /** Whether nothing is wrong. */
    public boolean isVerified() {
      return reason.isEmpty();
    }
  }

  private static final Duration SAME_ERA = Duration.ofDays(20 * 365);

  private final Scheme scheme;
  private final List<Secret> secrets;
  private final Map<String, String> params;
  private final WebhookRequest request;
  private final Instant now;
  private final List<Mistake<List<Secret>>> otherSecrets;
  private final List<Secret> ofOthers;
  private final Map<Object, Optional<WebhookVerifier>> verifiers = new HashMap<>();
  private int attempts;

  private Explain(
      Scheme scheme,
      List<Secret> secrets,
      List<Secret> ofOthers,
      Map<String, String> params,
      WebhookRequest request,
      Instant now) {
    this.scheme = scheme;
    this.ofOthers = List.copyOf(ofOthers);
    this.secrets = List.copyOf(secrets);
    this.otherSecrets = Mistakes.secrets(secrets);
    this.params = Map.copyOf(params);
    this.request = request;
    this.now = now;
  }

  /**
   * Explains a rejection.
   *
   * @param now the time of the check
   * @throws IllegalArgumentException if the scheme refuses a secret or a constant; the message
   *     names it, never a secret
   */
  public static Explanation of(
      Scheme scheme,
      List<Secret> secrets,
      Map<String, String> params,
      WebhookRequest request,
      Instant now) {
    return of(scheme, secrets, List.of(), params, request, now);
  }

  /**
   * Explains a rejection where other sources' secrets are at hand: signing with the secret of
   * another endpoint is the most frequent mistake of all.
   *
   * @param ofOthers secrets of other sources; the id of one that signed is named
   * @param now the time of the check
   * @throws IllegalArgumentException if the scheme refuses a secret or a constant; the message
   *     names it, never a secret
   */
  public static Explanation of(
      Scheme scheme,
      List<Secret> secrets,
      List<Secret> ofOthers,
      Map<String, String> params,
      WebhookRequest request,
      Instant now) {
    return new Explain(scheme, secrets, ofOthers, params, request, now).explain();
  }

  private Explanation explain() {
    attempts++;
    Verification verdict = builder(scheme, secrets).build().verify(request);
    if (!(verdict instanceof Verification.Rejected rejected)) {
      return new Explanation(Optional.empty(), List.of(), attempts);
    }
    List<Finding> findings = new ArrayList<>();
    Optional<MessageMistakes> message = message();
    message.flatMap(MessageMistakes::policy).ifPresent(findings::add);
    if (findings.isEmpty()) {
      timeUnit(findings);
    }
    if (findings.isEmpty()) {
      outsideTheWindow(findings);
    }
    if (findings.isEmpty()) {
      one(findings);
    }
    if (findings.isEmpty()) {
      two(findings);
    }
    if (findings.isEmpty()) {
      Optional<Finding> detail = message.flatMap(MessageMistakes::detail);
      findings.addAll(
          detail.isPresent()
              ? Mistakes.hints(detail.get(), scheme, request)
              : Mistakes.hints(scheme, rejected.reason(), request));
    }
    return new Explanation(Optional.of(rejected.reason()), List.copyOf(findings), attempts);
  }

  private Optional<MessageMistakes> message() {
    MessageRule rule = scheme.message();
    return rule == null
        ? Optional.empty()
        : Optional.of(new MessageMistakes(scheme, rule, secrets, params, request, now));
  }

  // Seconds read as milliseconds lie in 1970, and milliseconds read as seconds are no time: in the
  // right unit a time is of these years.
  private void timeUnit(List<Finding> findings) {
    for (Mistake<Scheme> unit : SchemeMistakes.timeUnits(scheme)) {
      WebhookVerifier verifier = verifier(unit, unit.value(), secrets).orElse(null);
      attempts++;
      if (verifier != null
          && verifier.verify(request) instanceof Verification.Verified verified
          && verified.webhook().timestamp().filter(this::isOfThisEra).isPresent()) {
        findings.add(new Finding(unit.code(), true, unit.what(), unit.remedy()));
      }
    }
  }

  // Messages have seconds in every scheme, so one in milliseconds lies far beyond this era.
  private boolean isOfThisEra(Instant read) {
    Instant time = scheme.message() == null ? read : Instant.ofEpochMilli(read.getEpochSecond());
    return Duration.between(time, now).abs().compareTo(SAME_ERA) < 0;
  }

  // The replay check is skipped for all that follows: a capture is old by nature.
  private void outsideTheWindow(List<Finding> findings) {
    WebhookVerifier skipping = verifier("", scheme, secrets).orElse(null);
    attempts++;
    if (skipping == null || !(skipping.verify(request) instanceof Verification.Verified verified)) {
      return;
    }
    Duration off =
        verified.webhook().timestamp().map(t -> Duration.between(t, now)).orElse(Duration.ZERO);
    boolean late = !off.isNegative();
    findings.add(
        new Finding(
            "outside_window",
            true,
            "The signature is right, but its time is "
                + off.abs().toSeconds()
                + " s "
                + (late ? "in the past." : "in the future."),
            late
                ? "If this is a capture, judge it by the time at which it came (--now). Otherwise"
                    + " set the clocks by NTP, look for a queue before the receiver, or for a"
                    + " replay."
                : "Set the clocks of sender and receiver by NTP; look for a time zone in the"
                    + " sender's time."));
  }

  private void one(List<Finding> findings) {
    for (Mistake<List<Secret>> secret : otherSecrets) {
      attempt(findings, secret, null, null);
    }
    for (Secret other : ofOthers) {
      attemptSecret(findings, other);
    }
    for (Mistake<WebhookRequest> variant : variants()) {
      attempt(findings, null, variant, null);
    }
    for (Mistake<Scheme> algorithm : SchemeMistakes.algorithms(scheme)) {
      attemptAlgorithm(findings, algorithm);
    }
    for (Scheme other : Mistakes.otherSchemes(scheme, request)) {
      attemptScheme(findings, other);
    }
  }

  private void two(List<Finding> findings) {
    for (Mistake<List<Secret>> secret : otherSecrets) {
      for (Mistake<WebhookRequest> variant : variants()) {
        attempt(findings, secret, variant, null);
      }
    }
    if (!scheme.signsUrl() || !findings.isEmpty()) {
      return;
    }
    for (Mistake<WebhookRequest> url : Mistakes.urls(request)) {
      for (Mistake<WebhookRequest> body : bodies(url.value())) {
        attempt(findings, null, body, url);
      }
    }
  }

  private List<Mistake<WebhookRequest>> variants() {
    List<Mistake<WebhookRequest>> all = new ArrayList<>(bodies(request));
    if (scheme.signsUrl()) {
      all.addAll(Mistakes.urls(request));
    }
    if (scheme.message() != null) {
      all.addAll(Mistakes.methods(request));
    }
    all.addAll(Mistakes.headers(scheme, request));
    return all;
  }

  private static List<Mistake<WebhookRequest>> bodies(WebhookRequest of) {
    return of.bodyBytes().length > MAX_BODY_BYTES ? List.of() : Mistakes.bodies(of);
  }

  private void attempt(
      List<Finding> findings,
      @Nullable Mistake<List<Secret>> secret,
      @Nullable Mistake<WebhookRequest> variant,
      @Nullable Mistake<WebhookRequest> before) {
    if (attempts >= MAX_ATTEMPTS) {
      return;
    }
    List<Secret> with = secret == null ? secrets : secret.value();
    WebhookVerifier verifier = verifier(secret == null ? "" : secret, scheme, with).orElse(null);
    WebhookRequest what = variant == null ? request : variant.value();
    attempts++;
    if (verifier == null || verifier.verify(what) instanceof Verification.Rejected) {
      return;
    }
    for (Mistake<?> mistake : mistakes(secret, before, variant)) {
      Finding finding = new Finding(mistake.code(), true, mistake.what(), mistake.remedy());
      // several forms of a body may undo the same mistake
      if (!findings.contains(finding)) {
        findings.add(finding);
      }
    }
  }

  private static List<Mistake<?>> mistakes(
      @Nullable Mistake<?> first, @Nullable Mistake<?> second, @Nullable Mistake<?> third) {
    List<Mistake<?>> all = new ArrayList<>();
    for (Mistake<?> each : new @Nullable Mistake<?>[] {first, second, third}) {
      if (each != null) {
        all.add(each);
      }
    }
    return all;
  }

  private void attemptSecret(List<Finding> findings, Secret other) {
    WebhookVerifier verifier = verifier(other, scheme, List.of(other)).orElse(null);
    attempts++;
    if (verifier != null && !(verifier.verify(request) instanceof Verification.Rejected)) {
      findings.add(
          new Finding(
              "secret_of_another",
              true,
              "It was signed with the secret of " + other.id() + ", which is another source's.",
              "Send it to that source, or copy the secret of this very endpoint from the"
                  + " provider's dashboard."));
    }
  }

  private void attemptAlgorithm(List<Finding> findings, Mistake<Scheme> algorithm) {
    WebhookVerifier verifier = verifier(algorithm, algorithm.value(), secrets).orElse(null);
    attempts++;
    if (verifier != null && verifier.verify(request) instanceof Verification.Verified) {
      findings.add(new Finding(algorithm.code(), true, algorithm.what(), algorithm.remedy()));
    }
  }

  private void attemptScheme(List<Finding> findings, Scheme other) {
    WebhookVerifier verifier = verifier("scheme " + other.name(), other, secrets).orElse(null);
    attempts++;
    if (verifier != null && !(verifier.verify(request) instanceof Verification.Rejected)) {
      findings.add(
          new Finding(
              "another_scheme",
              true,
              "This is a request of " + other.title() + ", signed with your secret.",
              "Use the scheme " + other.name() + " for this source."));
    }
  }

  // A secret in another form may be none for this scheme; then it explains nothing.
  private Optional<WebhookVerifier> verifier(Object key, Scheme of, List<Secret> with) {
    return verifiers.computeIfAbsent(
        key,
        k -> {
          try {
            WebhookVerifier.Builder builder = builder(of, with);
            return Optional.of(builder.dangerouslySkipReplayCheck().build());
          } catch (IllegalArgumentException refused) {
            return Optional.empty();
          }
        });
  }

  private WebhookVerifier.Builder builder(Scheme of, List<Secret> with) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(of)
            .secrets(SecretSource.of(with.toArray(Secret[]::new)))
            .clock(() -> now);
    params.forEach(
        (name, value) -> {
          if (of.params().containsKey(name) || of.name().equals(scheme.name())) {
            builder.param(name, value);
          }
        });
    return builder;
  }
}
