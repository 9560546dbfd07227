package dev.gatehouse.graphql.http;

import java.nio.charset.StandardCharsets;

/** Why a socket is closed: the codes of {@code graphql-transport-ws}, and of RFC 6455. */
enum SocketClose {
  PROTOCOL(1002, "Protocol error"),
  TOO_BIG(1009, "Message too big"),
  SERVER_ERROR(1011, "The server is not set up for sockets"),
  INVALID(4400, "Invalid message"),
  UNAUTHORIZED(4401, "Unauthorized"),
  FORBIDDEN(4403, "Forbidden"),
  NO_SUBPROTOCOL(4406, "Subprotocol not acceptable"),
  INIT_TIMEOUT(4408, "Connection initialisation timeout"),
  DUPLICATE(4409, "Subscriber for "),
  TOO_MANY_INITS(4429, "Too many initialisation requests"),
  TOO_MANY(4429, "Too many requests"),
  CREDENTIAL_ENDED(4440, "Credentials expired or revoked"),
  BROKEN(4500, "Internal server error");

  /** RFC 6455 §5.5: a control frame has 125 bytes, two of them for the code. */
  private static final int MAX_REASON_BYTES = 123;

  private final int code;
  private final String reason;

  SocketClose(int code, String reason) {
    this.code = code;
    this.reason = reason;
  }

  short code() {
    return (short) code;
  }

  String reason() {
    return reason;
  }

  /** The reason of a duplicate, cut to what a close frame can carry. */
  static String duplicate(String id) {
    String rest = " already exists";
    int room = MAX_REASON_BYTES - DUPLICATE.reason.length() - rest.length();
    String cut = id;
    while (cut.getBytes(StandardCharsets.UTF_8).length > room) {
      cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
    }
    return DUPLICATE.reason + cut + rest;
  }
}
