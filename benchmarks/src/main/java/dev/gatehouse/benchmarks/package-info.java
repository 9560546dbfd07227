/** Measurements behind each number that we claim, beside others on the same bytes. */
@NullMarked
package dev.gatehouse.benchmarks;

import org.jspecify.annotations.NullMarked;
