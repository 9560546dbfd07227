package dev.gatehouse.cli;

import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a scheme says of its tokens and of published keys, in lines for people. */
final class TokenSheet {
  private TokenSheet() {}

  static List<String> lines(Scheme scheme) {
    List<String> lines = new ArrayList<>();
    if (scheme.jwt() != null) {
      token(scheme.jwt(), lines);
    }
    String keys = published(scheme.keys());
    if (!keys.isEmpty()) {
      lines.add(keys);
    }
    return lines;
  }

  private static void token(JwtRule rule, List<String> lines) {
    lines.add(rule.word().isEmpty() ? "the bare token" : "the token after " + rule.word());
    if (rule.detached()) {
      lines.add("detached: its payload is the raw body");
    }
    for (JwtRule.ClaimRule claim : rule.claims()) {
      lines.add(
          "claim "
              + claim.name()
              + " must be "
              + String.join(" or ", claim.values())
              + (claim.labels().isEmpty() ? "" : ", with " + String.join(", ", claim.labels()))
              + (claim.issuer().isEmpty() ? "" : ", from " + claim.issuer()));
    }
    if (rule.requireExpiry()) {
      lines.add("claim exp must be there");
    }
    JwtRule.BodyHash body = rule.bodyHash();
    if (body != null) {
      lines.add(
          "claim "
              + body.claim()
              + " must be the body's SHA-256 in hex"
              + (body.onlyWithBody() ? ", and absent for an empty body" : ""));
    }
    JwtRule.UrlHash url = rule.urlHash();
    if (url != null) {
      boolean whole = url.form() == JwtRule.UrlHashForm.URL;
      lines.add(
          "claim "
              + url.claim()
              + " must be the SHA-256 in hex of "
              + (whole ? "the URL" : "the canonical method, path and query"));
    }
    if (!rule.coversBody()) {
      lines.add("the body is not covered");
    }
    if (!rule.secretClaim().isEmpty()) {
      lines.add("of several secrets, claim " + rule.secretClaim() + " chooses by id");
    }
  }

  private static String published(@Nullable KeyLocation keys) {
    if (keys instanceof KeyLocation.KeySet set) {
      return "public keys by kid from " + set.url();
    }
    if (keys instanceof KeyLocation.PemByKid pem) {
      return "public keys from " + pem.url();
    }
    return keys instanceof KeyLocation.Certificate at
        ? "certificate for "
            + String.join(" or ", at.subjects())
            + " by the URL in "
            + at.in()
            + ", on "
            + String.join(" or ", at.hosts())
        : "";
  }
}
