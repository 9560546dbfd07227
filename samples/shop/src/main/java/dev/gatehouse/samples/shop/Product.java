package dev.gatehouse.samples.shop;

/** A product, which belongs to no tenant. */
record Product(String id, String name, int priceCents) {}
