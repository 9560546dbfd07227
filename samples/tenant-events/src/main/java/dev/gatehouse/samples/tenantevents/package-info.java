/** A sample: a page whose visitors see the events of their own tenant. */
@NullMarked
package dev.gatehouse.samples.tenantevents;

import org.jspecify.annotations.NullMarked;
