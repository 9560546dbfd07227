package dev.gatehouse.events;

/**
 * What a policy says of one event for one principal.
 *
 * @param kind whether it may be seen
 * @param code the code of a no
 * @param mask what is hidden, where it may be seen
 */
record Ruling(Kind kind, String code, Mask mask) {
  enum Kind {
    SEEN,
    DENIED,
    BROKEN
  }

  static Ruling seen(Mask mask) {
    return new Ruling(Kind.SEEN, "ok", mask);
  }

  static Ruling denied(String code) {
    return new Ruling(Kind.DENIED, code, Mask.none());
  }

  static Ruling broken(String code) {
    return new Ruling(Kind.BROKEN, code, Mask.none());
  }

  boolean isSeen() {
    return kind == Kind.SEEN;
  }
}
