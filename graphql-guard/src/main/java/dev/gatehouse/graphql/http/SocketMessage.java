package dev.gatehouse.graphql.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a client says on a socket of {@code graphql-transport-ws}. */
sealed interface SocketMessage {
  /** The longest id of an operation. */
  int MAX_ID = 256;

  /** Begins the connection. */
  record Init(Map<String, @Nullable Object> payload) implements SocketMessage {
    /**
     * What it shows of who calls. Clients send the headers that they have as they spell them, and
     * whoever shows a token must not be taken for nobody; a null alone shows nothing.
     */
    List<@Nullable Object> authorizations() {
      List<@Nullable Object> shown = new ArrayList<>();
      payload.forEach(
          (name, value) -> {
            if (name.equalsIgnoreCase("Authorization")) {
              shown.add(value);
            }
          });
      boolean isNone = shown.size() == 1 && shown.get(0) == null;
      return isNone ? new ArrayList<>() : shown;
    }
  }

  /** Wants a pong with the same payload. */
  record Ping(@Nullable Object payload) implements SocketMessage {}

  /** Answers a ping, or shows that there is somebody. */
  record Pong() implements SocketMessage {}

  /** Asks for an operation. */
  record Subscribe(String id, OperationRequest request) implements SocketMessage {}

  /** Wants no more of an operation. */
  record Complete(String id) implements SocketMessage {}

  /** Empty if the bytes are no message that a client may send. */
  static Optional<SocketMessage> read(byte[] utf8) {
    return OperationRequest.JSON.object(utf8).flatMap(SocketMessage::of);
  }

  private static Optional<SocketMessage> of(Map<String, @Nullable Object> members) {
    Object payload = members.get("payload");
    Optional<String> id =
        members.get("id") instanceof String text && !text.isEmpty() && text.length() <= MAX_ID
            ? Optional.of(text)
            : Optional.empty();
    if (!(members.get("type") instanceof String type)) {
      return Optional.empty();
    }
    return switch (type) {
      case "connection_init" -> object(payload).map(Init::new);
      case "ping" -> object(payload).map(given -> new Ping(payload));
      case "pong" -> object(payload).map(given -> new Pong());
      case "subscribe" ->
          payload == null
              ? Optional.empty()
              : id.flatMap(
                  name ->
                      object(payload)
                          .flatMap(OperationRequest::of)
                          .map(request -> new Subscribe(name, request)));
      case "complete" -> id.map(Complete::new);
      default -> Optional.empty();
    };
  }

  @SuppressWarnings("unchecked") // maps of the reader have texts as names
  private static Optional<Map<String, @Nullable Object>> object(@Nullable Object payload) {
    if (payload == null) {
      return Optional.of(Map.of());
    }
    return payload instanceof Map
        ? Optional.of((Map<String, @Nullable Object>) payload)
        : Optional.empty();
  }
}
