/** Bounds what a GraphQL operation may cost and touch, before any resolver runs. */
@NullMarked
package dev.gatehouse.graphql;

import org.jspecify.annotations.NullMarked;
