package dev.gatehouse.core;

/**
 * An exception whose reason may be told to whoever it concerns. Doors say nothing of the cause of
 * any other.
 */
public interface PublicFailure {
  /** What may be told: a stable code, and a text that anybody may read. */
  Decision.Deny told();
}
