package dev.gatehouse.core;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody whose credential was verified: holding one is the proof.
 *
 * <p>There is no public constructor. A verifier that has checked a credential says so with {@link
 * #vouchedBy}, a verb kept rare enough to be searched for; an architecture test lists who may call
 * it. A principal is immutable and holds no credential.
 */
public final class Principal {
  /** What kind of caller this is. */
  public enum Kind {
    /** A person, by a user token. */
    USER,
    /** Another service, by a client credential. */
    SERVICE,
    /** A webhook sender, by a signature over what it sent. */
    WEBHOOK_SOURCE
  }

  private final Kind kind;
  private final String id;
  private final String voucher;
  private final @Nullable TenantId tenant;
  private final Set<String> scopes;
  private final Map<String, String> claims;
  private final @Nullable Instant expiry;

  private Principal(Builder builder) {
    this.kind = builder.kind;
    this.id = builder.id;
    this.voucher = builder.voucher;
    this.tenant = builder.tenant;
    this.scopes = Set.copyOf(builder.scopes);
    this.claims = Map.copyOf(builder.claims);
    this.expiry = builder.expiry;
  }

  /**
   * Begins a principal whose credential the named verifier has just checked. For verifiers only.
   *
   * @param voucher the verifier that answers for it, as the audit names it ({@code webhook})
   * @param kind what kind of caller
   * @param id the caller's stable id within its kind, not blank
   */
  public static Builder vouchedBy(String voucher, Kind kind, String id) {
    return new Builder(voucher, kind, id);
  }

  /** What kind of caller this is. */
  public Kind kind() {
    return kind;
  }

  /** The caller's stable id within its kind. */
  public String id() {
    return id;
  }

  /** The verifier that answers for this principal. */
  public String voucher() {
    return voucher;
  }

  /** The one tenant on whose behalf the caller acts, if any. */
  public Optional<TenantId> tenant() {
    return Optional.ofNullable(tenant);
  }

  /** What the credential grants; unmodifiable. */
  public Set<String> scopes() {
    return scopes;
  }

  /** Further verified statements about the caller; unmodifiable. */
  public Map<String, String> claims() {
    return claims;
  }

  /** When the credential ends, if it does. */
  public Optional<Instant> expiry() {
    return Optional.ofNullable(expiry);
  }

  /** Whether the credential has ended at that moment; the last moment itself is over. */
  public boolean isExpiredAt(Instant now) {
    return expiry != null && !now.isBefore(expiry);
  }

  /** Whether the credential has ended now; the clock is asked only where it ends at all. */
  public boolean isExpired(InstantSource clock) {
    return expiry != null && isExpiredAt(clock.instant());
  }

  @Override
  public String toString() {
    return "Principal[" + kind + " " + id + (tenant == null ? "" : " of " + tenant) + "]";
  }

  /** Collects what a verifier knows of a caller. */
  public static final class Builder {
    private final Kind kind;
    private final String id;
    private final String voucher;
    private @Nullable TenantId tenant;
    private Set<String> scopes = Set.of();
    private Map<String, String> claims = Map.of();
    private @Nullable Instant expiry;

    private Builder(String voucher, Kind kind, String id) {
      if (voucher.isBlank() || id.isBlank()) {
        throw new IllegalArgumentException("a principal needs a voucher and an id");
      }
      this.voucher = voucher;
      this.kind = kind;
      this.id = id;
    }

    /** The tenant on whose behalf the caller acts. */
    public Builder tenant(TenantId value) {
      this.tenant = value;
      return this;
    }

    /** What the credential grants. */
    public Builder scopes(Set<String> value) {
      this.scopes = value;
      return this;
    }

    /** Further verified statements. */
    public Builder claims(Map<String, String> value) {
      this.claims = value;
      return this;
    }

    /** When the credential ends. */
    public Builder expiry(Instant value) {
      this.expiry = value;
      return this;
    }

    /** The principal. */
    public Principal build() {
      return new Principal(this);
    }
  }
}
