/** A Vert.x service that takes verified webhooks in its own process. */
@NullMarked
package dev.gatehouse.samples.embedded;

import org.jspecify.annotations.NullMarked;
