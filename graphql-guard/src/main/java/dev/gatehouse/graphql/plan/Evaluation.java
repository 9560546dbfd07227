package dev.gatehouse.graphql.plan;

/** What a plan comes to with one request's variables. */
public final class Evaluation {
  private Evaluation() {}
}
