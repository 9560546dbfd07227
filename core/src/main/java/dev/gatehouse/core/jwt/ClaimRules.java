package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the claims of a token whose signature was verified into a principal, or refuses them;
 * nothing is accepted because it is missing.
 *
 * <p>Required: {@code iss} equal to the issuer, {@code aud} naming the audience, {@code exp}, and a
 * {@code sub}. {@code nbf} and {@code iat} may not lie ahead. The tenant's claim, where there is
 * one, must be one text that is a valid {@link TenantId}; a list, even of one, is refused, and a
 * token without one gives a principal without tenant. Scopes come from {@code scope}, else from
 * {@code scp}: texts separated by spaces, or a list of texts.
 *
 * <p>Refused: a token that only the holder of a key may use ({@code cnf}, RFC 7800, as with DPoP or
 * certificate-bound tokens), since whoever shows it here has shown no key; and one that tells of a
 * logout (OpenID Connect Back-Channel Logout 1.0), which carries the same issuer, audience and
 * subject as a token that lets somebody in. A {@code typ} in its header must be {@code JWT} or
 * {@code at+jwt}, or the one that was {@linkplain Builder#requireType required}.
 *
 * <p>A principal's expiry is the token's, with the leeway added.
 */
public final class ClaimRules {
  private static final Duration MAX_LEEWAY = Duration.ofMinutes(1);
  private static final int MAX_TEXT = 256;
  private static final int MAX_SCOPES = 500;
  private static final Set<String> USUAL_TYPES = Set.of("jwt", "at+jwt");
  // OpenID Connect Back-Channel Logout 1.0, section 2.4
  private static final String LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

  private final String issuer;
  private final String audience;
  private final String tenantClaim;
  private final boolean requiresTenant;
  private final boolean acceptsSenderConstrained;
  private final Optional<String> type;
  private final Set<String> kept;
  private final Duration leeway;
  private final Principal.Kind kind;
  private final InstantSource clock;

  private ClaimRules(Builder builder) {
    this.issuer = builder.issuer;
    this.audience = builder.audience;
    this.tenantClaim = builder.tenantClaim;
    this.requiresTenant = builder.requiresTenant;
    this.acceptsSenderConstrained = builder.acceptsSenderConstrained;
    this.type = builder.type;
    this.kept = Set.copyOf(builder.kept);
    this.leeway = builder.leeway;
    this.kind = builder.kind;
    this.clock = builder.clock;
  }

  /**
   * Begins rules.
   *
   * @param issuer what {@code iss} must be, exactly
   * @param audience what {@code aud} must be or hold, exactly
   */
  public static Builder builder(String issuer, String audience) {
    return new Builder(issuer, audience);
  }

  /** Ends the judging of claims. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final String code;

    Refused(String code) {
      super(code, null, false, false);
      this.code = code;
    }
  }

  /** Whether they want to see a token's header, which not everybody has who has its claims. */
  boolean requiresType() {
    return type.isPresent();
  }

  /**
   * Whether a token of this type is meant to let somebody in.
   *
   * @param typ what its header says, without what it may leave out; empty if it says nothing
   */
  boolean isMeant(Optional<String> typ) {
    return type.isPresent() ? type.equals(typ) : typ.map(USUAL_TYPES::contains).orElse(true);
  }

  /**
   * Judges claims.
   *
   * @param voucher the verifier that answers for their signature
   */
  Authentication judge(String voucher, Map<String, ?> claims) {
    try {
      return Authentication.proven(principal(voucher, claims));
    } catch (Refused e) {
      return Tokens.refused(e.code);
    }
  }

  private Principal principal(String voucher, Map<String, ?> claims) {
    require(issuer.equals(claims.get("iss")), "wrong_issuer");
    require(isForUs(claims.get("aud")), "wrong_audience");
    require(acceptsSenderConstrained || !claims.containsKey("cnf"), "unproven_possession");
    require(!isLogout(claims.get("events")), "logout_token");
    Instant now = clock.instant();
    Instant expiry = time(claims, "exp").orElseThrow(() -> new Refused("missing_expiry"));
    Instant end = expiry.plus(leeway);
    require(now.isBefore(end), "expired");
    Instant ahead = now.plus(leeway);
    require(time(claims, "nbf").map(from -> !from.isAfter(ahead)).orElse(true), "not_yet_valid");
    require(time(claims, "iat").map(at -> !at.isAfter(ahead)).orElse(true), "not_yet_valid");
    Principal.Builder principal =
        Principal.vouchedBy(voucher, kind, subject(claims.get("sub")))
            .scopes(scopes(claims))
            .claims(keptOf(claims))
            .expiry(end);
    tenant(claims).ifPresent(principal::tenant);
    return principal.build();
  }

  private boolean isForUs(@Nullable Object aud) {
    return audience.equals(aud) || (aud instanceof Collection<?> many && many.contains(audience));
  }

  private static boolean isLogout(@Nullable Object events) {
    return events instanceof Map<?, ?> members && members.containsKey(LOGOUT);
  }

  private static String subject(@Nullable Object sub) {
    require(
        sub instanceof String text && !text.isBlank() && text.length() <= MAX_TEXT,
        "missing_subject");
    return (String) java.util.Objects.requireNonNull(sub);
  }

  private Optional<TenantId> tenant(Map<String, ?> claims) {
    Object value = claims.get(tenantClaim);
    if (!claims.containsKey(tenantClaim) && !requiresTenant) {
      return Optional.empty();
    }
    require(value instanceof String text && TenantId.isValid(text), "invalid_tenant");
    return Optional.of(TenantId.of((String) java.util.Objects.requireNonNull(value)));
  }

  private static Set<String> scopes(Map<String, ?> claims) {
    Object value = claims.containsKey("scope") ? claims.get("scope") : claims.get("scp");
    List<Object> texts = new ArrayList<>();
    if (value instanceof String text) {
      texts.addAll(List.of(text.split(" ", -1)));
    } else if (value instanceof Collection<?> many) {
      texts.addAll(many);
    } else {
      require(value == null, "invalid_scope");
    }
    Set<String> scopes = new LinkedHashSet<>();
    for (Object each : texts) {
      require(each instanceof String scope && isScope(scope), "invalid_scope");
      scopes.add((String) each);
    }
    scopes.remove("");
    require(scopes.size() <= MAX_SCOPES, "invalid_scope");
    return scopes;
  }

  // RFC 6749 §3.3, and the nothing between two spaces
  private static boolean isScope(String text) {
    return text.length() <= MAX_TEXT
        && text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '"' && c != '\\');
  }

  private Map<String, String> keptOf(Map<String, ?> claims) {
    Map<String, String> texts = new HashMap<>();
    for (String name : kept) {
      Object value = claims.get(name);
      if (value instanceof String || value instanceof Number || value instanceof Boolean) {
        texts.put(name, String.valueOf(value));
      }
    }
    return texts;
  }

  // RFC 7519 §2: a number of seconds, which may have a fraction
  private static Optional<Instant> time(Map<String, ?> claims, String name) {
    Object value = claims.get(name);
    if (!claims.containsKey(name)) {
      return Optional.empty();
    }
    require(value instanceof Number, "malformed_time");
    double seconds = ((Number) java.util.Objects.requireNonNull(value)).doubleValue();
    require(seconds >= 0 && seconds < 1e11, "malformed_time");
    try {
      return Optional.of(Instant.ofEpochSecond((long) seconds));
    } catch (DateTimeException beyond) {
      throw new Refused("malformed_time");
    }
  }

  private static void require(boolean condition, String code) {
    if (!condition) {
      throw new Refused(code);
    }
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final String issuer;
    private final String audience;
    private String tenantClaim = "tenant";
    private boolean requiresTenant;
    private boolean acceptsSenderConstrained;
    private Optional<String> type = Optional.empty();
    private Set<String> kept = Set.of();
    private Duration leeway = Duration.ofSeconds(5);
    private Principal.Kind kind = Principal.Kind.USER;
    private InstantSource clock = InstantSource.system();

    private Builder(String issuer, String audience) {
      if (issuer.isBlank() || audience.isBlank()) {
        throw new IllegalArgumentException("claim rules need an issuer and an audience");
      }
      this.issuer = issuer;
      this.audience = audience;
    }

    /** The name of the claim that holds the tenant; {@code tenant} by default. */
    public Builder tenantClaim(String name) {
      this.tenantClaim = name;
      return this;
    }

    /** Refuses tokens without a tenant. */
    public Builder requireTenant() {
      this.requiresTenant = true;
      return this;
    }

    /**
     * Refuses tokens whose header does not say this type ({@code typ}), such as {@code at+jwt}
     * where the issuer keeps to RFC 9068: then an ID token, which may be for the same audience,
     * lets nobody in. Case and a leading {@code application/} make no difference (RFC 7515 §4.1.9).
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder requireType(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a type that is required has a name, such as at+jwt");
      }
      this.type = Optional.of(Tokens.type(name));
      return this;
    }

    /**
     * Accepts tokens that only the holder of a key may use ({@code cnf}: RFC 7800,
     * certificate-bound by RFC 8705, DPoP by RFC 9449) as if anybody might who has the token;
     * refused by default.
     *
     * <p>That key is not asked for here. Use this only behind something that checks, for each
     * request, that the caller holds it (RFC 8705 §3, RFC 9449 §7.1) and that nobody can go around:
     * else whoever steals such a token can use it, which is what it was bound to prevent.
     */
    public Builder dangerouslyAcceptSenderConstrained() {
      this.acceptsSenderConstrained = true;
      return this;
    }

    /** Which further claims a principal carries, where they are texts, numbers or booleans. */
    public Builder keepClaims(String... names) {
      this.kept = Set.of(names);
      return this;
    }

    /** By how much clocks may differ; 5 s by default, at most a minute. */
    public Builder leeway(Duration value) {
      this.leeway = value;
      return this;
    }

    /** What kind of caller these tokens are of; users by default. */
    public Builder kind(Principal.Kind value) {
      this.kind = value;
      return this;
    }

    /** Tells the time. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /**
     * The rules.
     *
     * @throws IllegalArgumentException if the leeway is negative or more than a minute
     */
    public ClaimRules build() {
      if (leeway.isNegative() || leeway.compareTo(MAX_LEEWAY) > 0) {
        throw new IllegalArgumentException("a leeway lies between nothing and a minute");
      }
      return new ClaimRules(this);
    }
  }
}
