/**
 * The guard's own doors on Vert.x: GraphQL over HTTP, over WebSocket ({@code graphql-transport-ws})
 * and over server-sent events, with one {@link dev.gatehouse.graphql.http.GuardedService} behind
 * all of them.
 */
@NullMarked
package dev.gatehouse.graphql.http;

import org.jspecify.annotations.NullMarked;
