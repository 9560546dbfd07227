package dev.gatehouse.graphql.access;

import java.util.List;

/**
 * One refusal of authorization.
 *
 * @param isUnauthenticated whether the caller is unknown, and might be let in if it were known
 * @param path where; empty for the operation
 */
public record Denial(boolean isUnauthenticated, List<Object> path) {}
