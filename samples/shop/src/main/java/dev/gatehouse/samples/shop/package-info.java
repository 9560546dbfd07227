/** A shop of two tenants behind all three doors. */
@NullMarked
package dev.gatehouse.samples.shop;

import org.jspecify.annotations.NullMarked;
