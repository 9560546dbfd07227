package dev.gatehouse.events;

/** The answer to somebody who wants to connect. */
public sealed interface Admission {
  /** Come in; close the connection when the caller is gone. */
  record Admitted(EventConnection connection) implements Admission {}

  /** No. */
  record Refused(Refusal refusal) implements Admission {}
}
