/** The state that several nodes share, in Redis. */
@NullMarked
package dev.gatehouse.redis;

import org.jspecify.annotations.NullMarked;
