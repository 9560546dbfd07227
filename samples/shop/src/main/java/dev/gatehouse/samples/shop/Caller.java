package dev.gatehouse.samples.shop;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;

/** What the shop asks of a caller; the guard asks the same again of all that leaves. */
final class Caller {
  static final String READ_ALL = "order:read-all";

  private Caller() {}

  /** The rule of the schema: the own tenant's, and of these one's own or all. */
  static boolean maySee(Principal caller, Order order) {
    return isOf(caller, order.tenantId()) && maySeeOrdersOf(caller, order.customerId());
  }

  static boolean maySeeOrdersOf(Principal caller, String customer) {
    return caller.id().equals(customer) || caller.scopes().contains(READ_ALL);
  }

  static boolean isOf(Principal caller, String tenant) {
    return caller.tenant().map(TenantId::value).filter(tenant::equals).isPresent();
  }
}
