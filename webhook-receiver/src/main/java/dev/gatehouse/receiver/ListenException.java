package dev.gatehouse.receiver;

/**
 * A port cannot be listened on; the message names its place in the configuration and the remedy.
 */
public final class ListenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;

  ListenException(String path, String host, int port, Throwable cause) {
    super(
        path
            + ": cannot listen on "
            + host
            + ":"
            + port
            + " ("
            + cause.getMessage()
            + "): stop what has it, or give another",
        cause);
    this.path = path;
  }

  /** Which port it is: {@code server.port} or {@code server.management.port}. */
  public String path() {
    return path;
  }
}
