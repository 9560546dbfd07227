package dev.gatehouse.samples.shop;

import java.util.List;

/** An order, as it stands; the guard reads {@code tenantId} and {@code customerId}. */
record Order(
    String id,
    String tenantId,
    String customerId,
    Status status,
    int totalCents,
    String internalNotes,
    List<String> productIds) {

  /** What became of it. */
  enum Status {
    OPEN,
    PAID,
    CANCELLED
  }

  Order with(Status next) {
    return new Order(id, tenantId, customerId, next, totalCents, internalNotes, productIds);
  }
}
