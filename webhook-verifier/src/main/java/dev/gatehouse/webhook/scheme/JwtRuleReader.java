package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.StrictJson;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the {@code jwt} part of a scheme. */
final class JwtRuleReader {
  private static final Duration MAX_LEEWAY = Duration.ofMinutes(5);

  private JwtRuleReader() {}

  static JwtRule read(StrictJson in) {
    JwtRule rule =
        new JwtRule(
            in.string("word", ""),
            in.bool("detached", false),
            in.children("claims", JwtRuleReader::claim),
            in.bool("requireExpiry", false),
            in.duration("leeway", Duration.ZERO, Duration.ZERO, MAX_LEEWAY),
            in.has("bodyHash") ? bodyHash(in.child("bodyHash")) : null,
            in.has("urlHash") ? urlHash(in.child("urlHash")) : null,
            in.string("secretClaim", ""));
    if (!rule.word().isEmpty() && !rule.word().matches("[A-Za-z0-9-]+")) {
      in.problem("word", "must be the one word before the token, such as Bearer");
    }
    boolean readsClaims = !rule.claims().isEmpty() || rule.requireExpiry();
    readsClaims |= rule.bodyHash() != null || rule.urlHash() != null;
    if (rule.detached() && (readsClaims || !rule.secretClaim().isEmpty())) {
      in.problem("detached", "has the body for its payload, so there are no claims to check");
    }
    in.close();
    return rule;
  }

  private static JwtRule.ClaimRule claim(StrictJson in) {
    String name = in.requiredString("name");
    List<String> values = values(in);
    if (values.isEmpty()) {
      in.problem("equals", "is missing: give the value, or a list of values, that the claim has");
    }
    return new JwtRule.ClaimRule(
        name, values, Set.copyOf(in.strings("algorithms")), in.string("issuer", ""));
  }

  private static List<String> values(StrictJson in) {
    Optional<Object> value = in.any("equals");
    if (value.isPresent() && value.get() instanceof List) {
      return in.strings("equals");
    }
    return in.string("equals").stream().toList();
  }

  private static JwtRule.@Nullable BodyHash bodyHash(StrictJson in) {
    JwtRule.BodyHash hash =
        new JwtRule.BodyHash(in.requiredString("claim"), in.bool("onlyWithBody", false));
    in.close();
    return hash;
  }

  private static JwtRule.@Nullable UrlHash urlHash(StrictJson in) {
    JwtRule.UrlHash hash =
        new JwtRule.UrlHash(
            in.requiredString("claim"),
            in.choice("form", JwtRule.UrlHashForm.class, JwtRule.UrlHashForm.URL),
            in.string("base", ""));
    boolean relative = hash.form() == JwtRule.UrlHashForm.CANONICAL_REQUEST;
    if (relative && hash.base().isEmpty()) {
      in.problem("base", "is missing: name the param that holds the app's base URL");
    }
    in.close();
    return hash;
  }
}
