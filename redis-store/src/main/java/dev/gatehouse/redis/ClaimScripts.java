package dev.gatehouse.redis;

/** The three steps of a claim, each one script. */
record ClaimScripts(Script claim, Script complete, Script release) {
  /** On the server's clock. */
  static ClaimScripts onServerTime() {
    return on(Script.part("time.lua"));
  }

  /**
   * On another clock.
   *
   * @param time defines the function {@code now}, which answers milliseconds
   */
  static ClaimScripts on(String time) {
    String entry = Script.part("entry.lua");
    return new ClaimScripts(
        Script.of(time, entry, Script.part("claim.lua")),
        Script.of(time, entry, Script.part("complete.lua")),
        Script.of(time, entry, Script.part("release.lua")));
  }
}
