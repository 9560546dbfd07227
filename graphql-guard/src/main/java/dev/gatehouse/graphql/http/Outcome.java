package dev.gatehouse.graphql.http;

import graphql.ExecutionResult;
import org.reactivestreams.Publisher;

/** What became of an operation. */
sealed interface Outcome {
  /** It was answered or refused. */
  record Answer(ExecutionResult result) implements Outcome {}

  /** Nobody waited for it any more. */
  record Cancelled() implements Outcome {}

  /** It is a subscription, and these are its events; nobody has subscribed yet. */
  record Stream(Publisher<ExecutionResult> events) implements Outcome {}
}
