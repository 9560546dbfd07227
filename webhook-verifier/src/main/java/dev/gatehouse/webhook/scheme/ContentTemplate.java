package dev.gatehouse.webhook.scheme;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is signed, as a template: {@code {id}.{time}.{body}}, {@code v0:{time}:{body}}, {@code
 * {url}{form}}.
 *
 * <p>Parts: {@code {body}} the raw body, {@code {time}} and {@code {id}} the texts as received,
 * {@code {method}}, {@code {url}}, {@code {param.NAME}} a configured constant, {@code
 * {header.NAME}} a header's value, {@code {form}} the form's pairs sorted and joined. All else
 * stands for itself.
 */
public final class ContentTemplate {
  /** Takes the content, in order. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the next bytes; must not change or keep the array. */
    void put(byte[] bytes);

    /** Takes the next bytes as a text of which each character is one. */
    default void putLatin1(String text) {
      put(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private enum Kind {
    LITERAL,
    BODY,
    TIME,
    ID,
    METHOD,
    URL,
    PARAM,
    HEADER,
    FORM,
    WORKED
  }

  private static final class Part {
    final Kind kind;
    final String name;
    final byte[] literal;

    Part(Kind kind, String name, byte[] literal) {
      this.kind = kind;
      this.name = name;
      this.literal = literal;
    }
  }

  private final String text;
  private final Part[] parts;
  private final int bodyAt;
  private final boolean signsTime;
  private final boolean signsId;
  private final boolean signsUrl;
  private final boolean readsForm;
  private final boolean streamable;
  private final boolean plain;
  private final String separatorAfterId;
  private final boolean timeAfterId;
  private final boolean idRunsOn;
  private final List<String> headers;
  private final List<RequestPart> worked;

  private ContentTemplate(String text, List<Part> parts) {
    this.text = text;
    this.parts = parts.toArray(Part[]::new);
    this.bodyAt = indexOf(Kind.BODY);
    this.signsTime = has(Kind.TIME);
    this.signsId = has(Kind.ID);
    this.signsUrl = has(Kind.URL);
    this.readsForm = has(Kind.FORM);
    this.streamable = bodyAt >= 0 && !readsForm && count(Kind.BODY) == 1 && !has(Kind.WORKED);
    this.plain = bodyAt == parts.size() - 1 && hasTextsTimeAndIdBefore(bodyAt);
    this.separatorAfterId = findSeparatorAfterId();
    this.timeAfterId = findTimeAfterId();
    this.idRunsOn = findIdRunsOn();
    this.headers = List.copyOf(names(Kind.HEADER));
    this.worked = findWorked();
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if a part is unknown or a brace is not closed
   */
  public static ContentTemplate parse(String text) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('{', at);
      if (open < 0) {
        parts.add(literal(text.substring(at)));
        break;
      }
      if (open > at) {
        parts.add(literal(text.substring(at, open)));
      }
      int close = text.indexOf('}', open);
      int inner = text.indexOf('{', open + 1);
      if (close < 0 || (inner >= 0 && inner < close)) {
        throw new IllegalArgumentException("has an opening brace that is not closed");
      }
      parts.add(part(text.substring(open + 1, close)));
      at = close + 1;
    }
    return new ContentTemplate(text, parts);
  }

  private static Part literal(String text) {
    return new Part(Kind.LITERAL, "", text.getBytes(StandardCharsets.UTF_8));
  }

  private static Part part(String name) {
    byte[] none = new byte[0];
    if (name.startsWith("param.")) {
      return new Part(Kind.PARAM, name.substring(6), none);
    }
    if (name.startsWith("header.")) {
      return new Part(Kind.HEADER, name.substring(7), none);
    }
    if (RequestPart.parse(name).isPresent()) {
      return new Part(Kind.WORKED, name, none);
    }
    return switch (name) {
      case "body" -> new Part(Kind.BODY, "", none);
      case "time" -> new Part(Kind.TIME, "", none);
      case "id" -> new Part(Kind.ID, "", none);
      case "method" -> new Part(Kind.METHOD, "", none);
      case "url" -> new Part(Kind.URL, "", none);
      case "form" -> new Part(Kind.FORM, "", none);
      default ->
          throw new IllegalArgumentException(
              "knows no part {"
                  + name
                  + "}: use {body}, {time}, {id}, {method}, {url}, {form}, {param.NAME},"
                  + " {header.NAME} or one of "
                  + RequestPart.known());
    };
  }

  /** Whether the body, or fields of it, are a part. */
  public boolean signsBody() {
    Reading.Covers covers = covers();
    return covers == Reading.Covers.BODY || covers == Reading.Covers.FIELDS;
  }

  /** How much of the body is a part. */
  public Reading.Covers covers() {
    if (bodyAt >= 0 || readsForm) {
      return Reading.Covers.BODY;
    }
    return worked.stream()
        .map(part -> part.kind().covers())
        .min(Comparator.naturalOrder())
        .orElse(Reading.Covers.NOTHING);
  }

  /** The parts that are worked out of the whole request. */
  public List<RequestPart> worked() {
    return worked;
  }

  /** Whether some part is worked out so. */
  public boolean has(RequestPart.Kind kind) {
    return worked.stream().anyMatch(part -> part.kind() == kind);
  }

  private List<RequestPart> findWorked() {
    List<RequestPart> found = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].kind == Kind.WORKED) {
        List<String> literals = new ArrayList<>(2);
        addLiteral(i - 1, literals);
        addLiteral(i + 1, literals);
        found.add(RequestPart.parse(parts[i].name).orElseThrow().between(literals));
      }
    }
    return List.copyOf(found);
  }

  private void addLiteral(int at, List<String> literals) {
    if (at >= 0 && at < parts.length && parts[at].kind == Kind.LITERAL) {
      literals.add(new String(parts[at].literal, StandardCharsets.UTF_8));
    }
  }

  /** Whether the raw body is a part, as against values that were read from it. */
  public boolean signsRawBody() {
    return bodyAt >= 0;
  }

  /** Whether the time is a part. */
  public boolean signsTime() {
    return signsTime;
  }

  /** Whether there is a time, and nothing beside it but the body and literals. */
  public boolean signsTimeAndBodyOnly() {
    return signsTime
        && Arrays.stream(parts)
            .allMatch(p -> p.kind == Kind.TIME || p.kind == Kind.BODY || p.kind == Kind.LITERAL);
  }

  /** Whether the id is a part. */
  public boolean signsId() {
    return signsId;
  }

  /** Whether the URL is a part. */
  public boolean signsUrl() {
    return signsUrl;
  }

  /** Whether the host that was called is signed, as {@code {url}} or within another part. */
  public boolean signsHost() {
    return signsUrl || worked.stream().anyMatch(part -> part.kind().signsHost());
  }

  /** Whether the sorted form is a part. */
  public boolean readsForm() {
    return readsForm;
  }

  /**
   * Whether the body can be fed to a MAC as it arrives: it stands there raw and once, and nothing
   * before it has to be read from it.
   */
  public boolean isStreamable() {
    return streamable;
  }

  /** Whether it is texts, the time and the id, in any order, and then the raw body. */
  public boolean isPlain() {
    return plain;
  }

  private boolean hasTextsTimeAndIdBefore(int end) {
    for (int i = 0; i < end; i++) {
      Kind kind = parts[i].kind;
      if (kind != Kind.LITERAL && kind != Kind.TIME && kind != Kind.ID) {
        return false;
      }
    }
    return end >= 0;
  }

  /**
   * Writes what stands before the body of a {@linkplain #isPlain plain} template.
   *
   * @param time the time, in ASCII; null if it is no part
   * @param id the id, in ASCII; null if it is no part
   * @param into where it goes
   * @return how many bytes it is; negative if there is no room for them
   */
  public int writePrefix(@Nullable String time, @Nullable String id, byte[] into) {
    return writePrefix(time, id, into, false);
  }

  /** The same for {@link #feedIdentity}: without the time. */
  public int writeIdentityPrefix(@Nullable String id, byte[] into) {
    return writePrefix(null, id, into, true);
  }

  private int writePrefix(
      @Nullable String time, @Nullable String id, byte[] into, boolean timeLeftOut) {
    int at = 0;
    for (int i = 0; i < bodyAt && at >= 0; i++) {
      Part part = parts[i];
      if (part.kind == Kind.LITERAL) {
        at = write(part.literal, into, at);
      } else if (part.kind != Kind.TIME || !timeLeftOut) {
        String value = part.kind == Kind.TIME ? time : id;
        at = writeAscii(Objects.requireNonNull(value), into, at);
      }
    }
    return at;
  }

  private static int write(byte[] bytes, byte[] into, int at) {
    if (bytes.length > into.length - at) {
      return -1;
    }
    if (bytes.length == 1) {
      into[at] = bytes[0];
    } else {
      System.arraycopy(bytes, 0, into, at, bytes.length);
    }
    return at + bytes.length;
  }

  // The one way that makes no array on the way; what it would cut off, ASCII does not have.
  @SuppressWarnings("deprecation")
  private static int writeAscii(String text, byte[] into, int at) {
    int length = text.length();
    if (length > into.length - at) {
      return -1;
    }
    text.getBytes(0, length, into, at);
    return at + length;
  }

  /**
   * What stands between the id and the next variable part, so that an id holding it could be split
   * elsewhere; empty if nothing does, or nothing follows.
   */
  public String separatorAfterId() {
    return separatorAfterId;
  }

  private String findSeparatorAfterId() {
    int at = indexOf(Kind.ID);
    boolean joined = at >= 0 && at + 2 < parts.length && parts[at + 1].kind == Kind.LITERAL;
    return joined ? new String(parts[at + 1].literal, StandardCharsets.UTF_8) : "";
  }

  /** Whether the next variable part follows the id with nothing between them. */
  public boolean idRunsOn() {
    return idRunsOn;
  }

  private boolean findIdRunsOn() {
    int at = indexOf(Kind.ID);
    return at >= 0 && at + 1 < parts.length && parts[at + 1].kind != Kind.LITERAL;
  }

  /** Whether the time is the next variable part after the id. */
  public boolean hasTimeAfterId() {
    return timeAfterId;
  }

  private boolean findTimeAfterId() {
    int at = indexOf(Kind.ID);
    int next = separatorAfterId.isEmpty() ? at + 1 : at + 2;
    return at >= 0 && next < parts.length && parts[next].kind == Kind.TIME;
  }

  /** The names of the constants used. */
  public List<String> params() {
    return names(Kind.PARAM);
  }

  /** The names of the headers used. */
  public List<String> headers() {
    return headers;
  }

  /** Puts everything before the body into the sink. */
  public void feedPrefix(SignedParts values, int urlForm, Sink sink) {
    for (int i = 0; i < bodyAt; i++) {
      feed(parts[i], values, urlForm, sink);
    }
  }

  /** Puts everything after the body into the sink. */
  public void feedSuffix(SignedParts values, int urlForm, Sink sink) {
    for (int i = bodyAt + 1; i < parts.length; i++) {
      feed(parts[i], values, urlForm, sink);
    }
  }

  /** Puts the whole content into the sink. */
  public void feedAll(SignedParts values, int urlForm, byte[] body, Sink sink) {
    for (Part part : parts) {
      if (part.kind == Kind.BODY) {
        sink.put(body);
      } else {
        feed(part, values, urlForm, sink);
      }
    }
  }

  /** Puts the whole content except the time into the sink. */
  public void feedIdentity(SignedParts values, int urlForm, byte[] body, Sink sink) {
    for (Part part : parts) {
      if (part.kind == Kind.BODY) {
        sink.put(body);
      } else if (part.kind == Kind.WORKED) {
        sink.put(Objects.requireNonNull(values.worked().get(part.name)).identity());
      } else if (part.kind != Kind.TIME) {
        feed(part, values, urlForm, sink);
      }
    }
  }

  // Header values are octets on the wire and Netty gives each as one char: Latin-1 gives them back.
  private static void feed(Part part, SignedParts values, int urlForm, Sink sink) {
    switch (part.kind) {
      case LITERAL -> sink.put(part.literal);
      case TIME -> sink.putLatin1(Objects.requireNonNull(values.time()));
      case ID -> sink.putLatin1(Objects.requireNonNull(values.id()));
      case METHOD -> sink.putLatin1(values.method());
      case URL -> sink.put(values.urlForms().get(urlForm).getBytes(StandardCharsets.UTF_8));
      case PARAM ->
          sink.put(
              Objects.requireNonNull(values.params().get(part.name))
                  .getBytes(StandardCharsets.UTF_8));
      case HEADER -> sink.putLatin1(Objects.requireNonNull(values.headers().get(part.name)));
      case FORM -> sink.put(Objects.requireNonNull(values.form()));
      case WORKED -> sink.put(Objects.requireNonNull(values.worked().get(part.name)).signed());
      case BODY -> throw new IllegalStateException("the body is fed by the caller");
    }
  }

  private boolean has(Kind kind) {
    return indexOf(kind) >= 0;
  }

  private int indexOf(Kind kind) {
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].kind == kind) {
        return i;
      }
    }
    return -1;
  }

  private int count(Kind kind) {
    int count = 0;
    for (Part part : parts) {
      count += part.kind == kind ? 1 : 0;
    }
    return count;
  }

  private List<String> names(Kind kind) {
    List<String> names = new ArrayList<>();
    for (Part part : parts) {
      if (part.kind == kind) {
        names.add(part.name);
      }
    }
    return names;
  }

  /** Why this template cannot be used by a scheme, if it cannot. */
  Optional<String> flaw() {
    if (count(Kind.BODY) > 1) {
      return Optional.of("has the body twice");
    }
    if (worked.stream().filter(RequestPart::free).count() > 1) {
      return Optional.of("has two free parts: where one ends, nobody could tell");
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return text;
  }
}
