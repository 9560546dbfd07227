package dev.gatehouse.core;

/** Whether a decision binds, or is only taken and recorded. */
public enum Mode {
  /** What is denied does not pass. The default everywhere. */
  ENFORCE,
  /** Decide, record, and let through: for trying a rule on live traffic before it binds. */
  OBSERVE;

  /** Whether a denial stops the call. */
  public boolean binds() {
    return this == ENFORCE;
  }
}
