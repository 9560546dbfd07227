package dev.gatehouse.graphql.http;

/** On which way a request came. */
public enum Transport {
  /** GraphQL over HTTP. */
  HTTP,
  /** {@code graphql-transport-ws}. */
  WEBSOCKET,
  /** GraphQL over server-sent events. */
  SSE
}
