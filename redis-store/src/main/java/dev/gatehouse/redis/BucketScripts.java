package dev.gatehouse.redis;

/** What is done to a bucket of cost points, each one script. */
record BucketScripts(Script charge, Script refund) {
  /** On the server's clock. */
  static BucketScripts onServerTime() {
    return on(Script.part("time.lua"));
  }

  /**
   * On another clock.
   *
   * @param time defines the function {@code now}, which answers milliseconds
   */
  static BucketScripts on(String time) {
    String bucket = Script.part("bucket.lua");
    return new BucketScripts(
        Script.of(time, bucket, Script.part("charge.lua")),
        Script.of(time, bucket, Script.part("refund.lua")));
  }
}
