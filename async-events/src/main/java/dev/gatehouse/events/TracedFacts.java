package dev.gatehouse.events;

import dev.gatehouse.events.filter.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An event's facts, and which of them were read, in the order of their first reading. */
final class TracedFacts implements EventFacts {
  /** Stands for a field that has no value. */
  static final Object MISSING = new Object();

  private static final FieldPath TOPIC = FieldPath.of("topic");

  /** What was read, and what was there. */
  record Read(FieldPath path, Object value) {}

  private final Event event;
  private final List<Read> reads = new ArrayList<>(4);

  TracedFacts(Event event) {
    this.event = event;
  }

  List<Read> reads() {
    return reads;
  }

  static Object valueOf(Event event, FieldPath path) {
    Object value =
        path.isData() ? EventView.memberOf(event.data(), path) : event.attribute(path.text());
    return value == null ? MISSING : value;
  }

  private Object read(FieldPath path) {
    for (Read earlier : reads) {
      if (earlier.path().equals(path)) {
        return earlier.value();
      }
    }
    Object value = valueOf(event, path);
    reads.add(new Read(path, value));
    return value;
  }

  @Override
  public String topic() {
    return (String) read(TOPIC);
  }

  @Override
  public Optional<String> text(String field) {
    return read(FieldPath.of(field)) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  @Override
  public Optional<Long> number(String field) {
    return read(FieldPath.of(field)) instanceof Long whole ? Optional.of(whole) : Optional.empty();
  }

  @Override
  public Optional<Boolean> flag(String field) {
    return read(FieldPath.of(field)) instanceof Boolean flag ? Optional.of(flag) : Optional.empty();
  }
}
