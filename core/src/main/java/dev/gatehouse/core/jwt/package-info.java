/**
 * Principals from what callers show: JSON Web Tokens, the {@code User} that a Vert.x authentication
 * handler verified, and client certificates. Nothing is accepted by omission.
 */
@NullMarked
package dev.gatehouse.core.jwt;

import org.jspecify.annotations.NullMarked;
