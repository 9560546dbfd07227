/**
 * The nouns that every door of Gatehouse shares: who calls, for which tenant, whether they may, how
 * often, what is switched off, and what was decided.
 *
 * <p>A type stands here once a second module needs it, and not before. Nothing here knows HTTP,
 * GraphQL or a store.
 */
@NullMarked
package dev.gatehouse.core;

import org.jspecify.annotations.NullMarked;
