package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import java.time.Instant;
import java.util.Set;

/** Principals for tests. */
final class Callers {
  static final TenantId ACME = TenantId.of("acme");
  static final TenantId GLOBEX = TenantId.of("globex");

  private Callers() {}

  static Principal.Builder user(String id) {
    return Principal.vouchedBy("test", Principal.Kind.USER, id);
  }

  static Principal of(TenantId tenant, String id, String... scopes) {
    return user(id).tenant(tenant).scopes(Set.of(scopes)).build();
  }

  static Principal until(TenantId tenant, String id, Instant expiry) {
    return user(id).tenant(tenant).expiry(expiry).build();
  }
}
