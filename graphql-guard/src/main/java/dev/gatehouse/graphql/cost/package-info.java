/** What an operation costs, by the IBM cost specification, before it runs and while it does. */
@NullMarked
package dev.gatehouse.graphql.cost;

import org.jspecify.annotations.NullMarked;
