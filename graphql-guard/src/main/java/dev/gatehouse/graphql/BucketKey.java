package dev.gatehouse.graphql;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import graphql.GraphQLContext;

/** Names a caller's bucket, so that no two callers can meet in one. */
final class BucketKey {
  private BucketKey() {}

  /** The principal in the context within its tenant; all without one share a bucket. */
  static String of(GraphQLContext context) {
    Principal principal = context.get(Principal.class);
    if (principal == null) {
      return "anonymous";
    }
    // a tenant and a kind hold no slash; the id comes last and may hold anything
    String tenant = principal.tenant().map(TenantId::value).orElse("");
    return "caller/" + tenant + "/" + principal.kind() + "/" + principal.id();
  }
}
