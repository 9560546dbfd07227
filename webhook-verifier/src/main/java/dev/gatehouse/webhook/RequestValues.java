package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.WebhookRequest.AMBIGUOUS;

import dev.gatehouse.webhook.scheme.Pair;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SortedPairs;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values that stand in a whole request, none of which is believed yet: each is read once and
 * strictly, and one that is there twice is {@code AMBIGUOUS}, never the first or the last.
 */
final class RequestValues {
  private final WebhookRequest request;
  private final Once<JsonFields> json;
  private final Once<List<Pair>> query;
  private final Once<List<Pair>> form;
  private final Once<List<Pair>> parameters;

  /**
   * The values of a request.
   *
   * @param pointers the JSON pointers that may be asked for
   */
  RequestValues(WebhookRequest request, Collection<String> pointers) {
    this.request = request;
    this.json = new Once<>(() -> JsonFields.read(request.bodyBytes(), pointers));
    this.query = new Once<>(() -> FormPairs.ofQuery(request.url()).map(FormPairs::all));
    this.form = new Once<>(this::readForm);
    this.parameters = new Once<>(this::readParameters);
  }

  /** A value that is read when it is first asked for. */
  private static final class Once<T> {
    private final Supplier<Optional<T>> reader;
    private Optional<T> value = Optional.empty();
    private boolean read;

    private Once(Supplier<Optional<T>> reader) {
      this.reader = reader;
    }

    private Optional<T> get() {
      if (!read) {
        read = true;
        value = reader.get();
      }
      return value;
    }
  }

  /** The request. */
  WebhookRequest request() {
    return request;
  }

  /** The fields of the JSON body; empty if it cannot be read as such. */
  Optional<JsonFields> json() {
    return json.get();
  }

  /** The query; empty if it cannot be read. */
  Optional<List<Pair>> query() {
    return query.get();
  }

  /** The form; empty list if there is no body, empty if it is no form or cannot be read. */
  Optional<List<Pair>> form() {
    return form.get();
  }

  private Optional<List<Pair>> readForm() {
    boolean none = request.bodyBytes().length == 0;
    return none || isForm(request)
        ? FormPairs.read(request.bodyBytes()).map(FormPairs::all)
        : Optional.empty();
  }

  /** The parameters, wherever this request has them; empty if they cannot be read, or twice one. */
  Optional<List<Pair>> parameters() {
    return parameters.get();
  }

  private Optional<List<Pair>> readParameters() {
    Optional<List<Pair>> found =
        request.bodyBytes().length == 0
            ? query()
            : isForm(request) ? form() : JsonFields.flat(request.bodyBytes());
    return found.filter(pairs -> !SortedPairs.haveDoubles(pairs));
  }

  static boolean isForm(WebhookRequest request) {
    String type = request.headers().first("content-type");
    if (type == null || request.headers().isAmbiguous("content-type")) {
      return false;
    }
    int semicolon = type.indexOf(';');
    String media = semicolon < 0 ? type : type.substring(0, semicolon);
    return media.strip().toLowerCase(Locale.ROOT).equals("application/x-www-form-urlencoded");
  }

  /** A header's value; null if it did not come, {@code AMBIGUOUS} if it came with two values. */
  @Nullable String header(String name) {
    return request.headers().only(name, AMBIGUOUS);
  }

  /**
   * A value of the request; null if it is not there, {@code AMBIGUOUS} if it is there twice.
   *
   * @param texts the elements beside the signatures; null before they are read
   * @param item which item of an array, where the pointer has a wildcard
   */
  @Nullable String value(ValueSource source, @Nullable SignatureTexts texts, int item) {
    return switch (source.kind()) {
      case HEADER -> header(source.name());
      case ELEMENT -> texts == null ? null : texts.element(source.name());
      case JSON -> scalar(source.name(), item);
      case QUERY -> only(query(), source.name());
      case FORM -> only(form(), source.name());
      case FIELD -> only(parameters(), source.name());
      case CLAIM -> null;
    };
  }

  private @Nullable String scalar(String pointer, int item) {
    JsonFields.Field field = json().map(fields -> fields.field(pointer, item)).orElse(null);
    return field == null || !field.isScalar() ? null : field.text();
  }

  private static @Nullable String only(Optional<List<Pair>> pairs, String name) {
    String found = null;
    for (Pair pair : pairs.orElse(List.of())) {
      if (pair.name().equals(name)) {
        found = found == null ? pair.value() : AMBIGUOUS;
      }
    }
    return found;
  }

  /** Whether this condition holds for some item, or for the request as a whole. */
  boolean holds(Scheme.@Nullable When when, int item) {
    if (when == null) {
      return true;
    }
    if (!when.method().isEmpty() && !when.method().equals(request.method())) {
      return false;
    }
    if (when.form() && !isForm(request)) {
      return false;
    }
    ValueSource in = when.in();
    return in == null || when.values().contains(String.valueOf(value(in, null, item)));
  }
}
