package dev.gatehouse.samples.shop;

/** A customer of one tenant. */
record Customer(String id, String tenantId, String name, String email) {}
