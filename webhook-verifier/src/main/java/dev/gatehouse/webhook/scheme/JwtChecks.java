package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Problems;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether the parts of a scheme fit together that have to do with tokens and fetched keys. */
final class JwtChecks {
  private static final Pattern PARAM = Pattern.compile("\\{param\\.([^}]*)\\}");
  private static final Set<String> NAMES =
      Set.of("HS256", "HS384", "HS512", "RS256", "RS512", "ES256", "EdDSA");

  private JwtChecks() {}

  static void check(Scheme scheme, String path, Problems problems) {
    JwtRule jwt = scheme.jwt();
    boolean tokens = scheme.grammar().kind() == Grammar.Kind.JWT;
    if (tokens != (jwt != null)) {
      problems.add(at(path, "jwt"), "and grammar: jwt belong together: give both or neither");
    }
    if (jwt == null) {
      checkNoClaims(scheme, path, problems);
    } else {
      checkToken(scheme, jwt, path, problems);
    }
    KeyLocation keys = scheme.keys();
    if (keys != null && !scheme.hasPublicKeys()) {
      problems.add(at(path, "keys"), "is for public keys, of which the scheme has none");
    }
    if (jwt == null && keys instanceof KeyLocation.PemByKid) {
      problems.add(at(path, "keys"), "are chosen by kid, which only a token has");
    }
  }

  private static void checkNoClaims(Scheme scheme, String path, Problems problems) {
    boolean claims =
        scheme.variants().stream()
            .flatMap(v -> Stream.concat(v.ids().stream(), ofTime(v.time())))
            .anyMatch(source -> source.kind() == ValueSource.Kind.CLAIM);
    if (claims) {
      problems.add(path, "takes a claim, but the signature is no token");
    }
  }

  private static Stream<ValueSource> ofTime(@Nullable TimeRule time) {
    return time == null ? Stream.empty() : Stream.of(time.in());
  }

  private static void checkToken(Scheme scheme, JwtRule jwt, String path, Problems problems) {
    for (Acceptance acceptance : scheme.accepts()) {
      if (!acceptance.label().equals(nameOf(acceptance.algorithm()))) {
        problems.add(
            at(path, "signature.accept"),
            "has label "
                + acceptance.label()
                + ", which is not the name of its algorithm in tokens (RFC 7518): one of "
                + NAMES.stream().sorted().collect(Collectors.joining(", ")));
      }
      if (acceptance.encoding() != Encoding.BASE64URL) {
        problems.add(at(path, "signature.accept"), "must not set encoding: tokens are base64url");
      }
    }
    for (Scheme.Content content : scheme.contents()) {
      if (content.template() != null) {
        problems.add(at(path, "content"), "is the token's own: leave it out, and say bodyHash");
      }
    }
    for (Scheme.Variant variant : scheme.variants()) {
      TimeRule time = variant.time();
      boolean claim = time == null || time.in().kind() == ValueSource.Kind.CLAIM;
      if (time != null && time.unit() == TimeRule.Unit.RFC3339) {
        problems.add(at(path, "time.unit"), "must be s: claims are numbers (RFC 7519)");
      }
      if (!claim || (time != null && jwt.detached())) {
        problems.add(at(path, "time.in"), "must be claim:NAME: nothing else of a token is signed");
      }
      if (variant.places().size() != 1) {
        problems.add(at(path, "signature.in"), "must be one header: there is one token");
      }
    }
    checkReach(scheme, jwt, path, problems);
    for (String param : params(jwt)) {
      Scheme.Parameter declared = scheme.params().get(param);
      if (declared == null || !declared.required()) {
        problems.add(at(path, "params." + param), "is compared with a claim: declare it required");
      }
    }
  }

  // Such a token is good for any body. It must at least be meant for us, and not for ever.
  private static void checkReach(Scheme scheme, JwtRule jwt, String path, Problems problems) {
    if (jwt.coversBody()) {
      return;
    }
    boolean pinned = jwt.claims().stream().anyMatch(c -> c.name().equals("aud"));
    if (!pinned && jwt.urlHash() == null) {
      problems.add(
          at(path, "jwt.claims"),
          "must pin aud, since the token covers no body: one for somebody else would pass");
    }
    if (!jwt.requireExpiry() && scheme.window().isEmpty()) {
      problems.add(
          at(path, "jwt.requireExpiry"),
          "must be true, since the token covers no body and has no time: it would never end");
    }
  }

  private static List<String> params(JwtRule jwt) {
    Stream<String> named =
        jwt.claims().stream()
            .flatMap(claim -> claim.values().stream())
            .flatMap(value -> PARAM.matcher(value).results().map(found -> found.group(1)));
    JwtRule.UrlHash hash = jwt.urlHash();
    Stream<String> base =
        hash == null || hash.base().isEmpty() ? Stream.empty() : Stream.of(hash.base());
    return Stream.concat(named, base).toList();
  }

  private static String nameOf(Algorithm algorithm) {
    return switch (algorithm) {
      case HMAC_SHA256 -> "HS256";
      case HMAC_SHA384 -> "HS384";
      case HMAC_SHA512 -> "HS512";
      case RSA_SHA256 -> "RS256";
      case RSA_SHA512 -> "RS512";
      case ECDSA_P256_SHA256_RAW -> "ES256";
      case ED25519 -> "EdDSA";
      default -> "";
    };
  }

  private static String at(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
