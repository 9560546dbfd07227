package dev.gatehouse.events;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an event carries: bytes of a media type, which nobody can change any more.
 *
 * <p>JSON is read when a filter, a mask or a policy first asks for it, and again only if memory was
 * collected since: what waits in a log or a queue takes no more room than its bytes. What is not
 * JSON, is nested deeper than 64 or holds a key twice has no fields, and cannot be shown masked.
 */
public final class EventData {
  /** The media type of JSON. */
  public static final String JSON = "application/json";

  /** The most characters of a media type. */
  public static final int MAX_CONTENT_TYPE = 256;

  private static final Object UNREADABLE = new Object();
  // Never collected: what cannot be read is not tried again.
  private static final Tree NO_TREE = new Tree(UNREADABLE);
  private static final EventData NONE = new EventData("", new byte[0]);

  private final String contentType;
  private final byte[] bytes;
  // Two threads that race here read the same bytes, and either result is good. A tree may take
  // twenty times the room of its bytes, which are what all bounds count.
  private volatile @Nullable WeakReference<Tree> read;

  private record Tree(@Nullable Object root) {}

  private EventData(String contentType, byte[] bytes) {
    this.contentType = contentType;
    this.bytes = bytes;
  }

  /** No data. */
  public static EventData none() {
    return NONE;
  }

  /**
   * A copy of these bytes.
   *
   * @throws IllegalArgumentException if the media type is longer than {@value #MAX_CONTENT_TYPE}
   *     characters or has control characters
   */
  public static EventData of(String contentType, Buffer bytes) {
    return new EventData(requireContentType(contentType), bytes.getBytes());
  }

  private static String requireContentType(String value) {
    if (value.length() > MAX_CONTENT_TYPE || value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "the content type of an event's data must be at most "
              + MAX_CONTENT_TYPE
              + " characters without control characters");
    }
    return value;
  }

  /** The JSON of an object; see {@link #json(Object)}. */
  public static EventData json(JsonObject object) {
    return json((Object) object);
  }

  /**
   * The JSON of a map, list, text, number or boolean, or of JSON objects and arrays within. Numbers
   * are written exactly.
   *
   * @throws IllegalArgumentException if something else is in it, or a number that JSON or a double
   *     cannot hold, or one of more than 64 digits or a scale beyond 1,000
   */
  public static EventData json(Object value) {
    return new EventData(JSON, StrictTree.write(value));
  }

  static EventData jsonBytes(byte[] bytes) {
    return new EventData(JSON, bytes);
  }

  /** The media type; empty where there is no data. */
  public String contentType() {
    return contentType;
  }

  /** The bytes; the buffer is the caller's own view, and writing to it changes nothing here. */
  public Buffer bytes() {
    return Buffer.buffer(bytes);
  }

  /** How many bytes there are. */
  public int length() {
    return bytes.length;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Whether the media type is JSON, by itself or as a structured suffix (RFC 6839). */
  public boolean isJson() {
    int end = contentType.indexOf(';');
    String type = (end < 0 ? contentType : contentType.substring(0, end)).strip();
    String folded = type.toLowerCase(Locale.ROOT);
    return folded.equals(JSON) || folded.endsWith("+json");
  }

  /** Whether it can be read as JSON. */
  boolean isReadable() {
    return tree() != UNREADABLE;
  }

  /** The members of the JSON object; null if it is none. */
  @Nullable Map<?, ?> object() {
    return tree() instanceof Map<?, ?> map ? map : null;
  }

  /** The JSON; only if it {@link #isReadable}. */
  @Nullable Object tree() {
    WeakReference<Tree> before = read;
    Tree tree = before == null ? null : before.get();
    if (tree == null) {
      tree = parse();
      read = new WeakReference<>(tree);
    }
    return tree.root();
  }

  private Tree parse() {
    if (!isJson()) {
      return NO_TREE;
    }
    try {
      return new Tree(StrictTree.read(bytes));
    } catch (IOException | RuntimeException e) {
      return NO_TREE;
    }
  }

  @Override
  public String toString() {
    return "EventData[" + contentType + ", " + bytes.length + " bytes]";
  }
}
