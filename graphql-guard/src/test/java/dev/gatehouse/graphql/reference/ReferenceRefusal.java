package dev.gatehouse.graphql.reference;

/** Thrown for an operation that has no cost, with the code that says why. */
final class ReferenceRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  ReferenceRefusal(String code, String message) {
    super(message);
    this.code = code;
  }

  String code() {
    return code;
  }
}
