package dev.gatehouse.core;

import io.vertx.core.Future;

/**
 * Verifies bearer tokens: what comes out of it was checked in full, or is refused.
 *
 * <p>Doors ask it with each request and each socket. It is called on event loops and must not
 * block. A failed future says that nothing could be decided; a door answers that with 503 and lets
 * nobody in.
 */
@FunctionalInterface
public interface Authenticator {
  /**
   * Verifies one token.
   *
   * @param token what stood after {@code Bearer} (RFC 6750 §2.1), not trusted in any way
   */
  Future<Authentication> authenticate(String token);
}
