package dev.gatehouse.graphql.plan;

/** Thrown where a document that should have been validated does not fit its schema. */
public final class InvalidDocumentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidDocumentException(String message) {
    super(message);
  }
}
