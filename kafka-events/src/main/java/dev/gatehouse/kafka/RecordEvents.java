package dev.gatehouse.kafka;

import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventData;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records as events: the value is the data, and the headers are read as the Kafka binding of
 * CloudEvents 1.0 names them ({@code ce_id}, {@code ce_type}, {@code ce_source}, {@code
 * ce_subject}, {@code content-type}).
 */
final class RecordEvents {
  private final Map<String, String> topics;
  private final TenantRule tenants;

  RecordEvents(Map<String, String> topics, TenantRule tenants) {
    this.topics = Map.copyOf(topics);
    this.tenants = tenants;
  }

  /**
   * The event that the record is; one without a tenant if it names none.
   *
   * @throws IllegalArgumentException if it is none
   */
  Event of(ConsumerRecord<byte[], byte[]> record) {
    Event.Builder event =
        Event.builder(Objects.requireNonNull(topics.get(record.topic())))
            .tenantFrom(tenants.tenantOf(record))
            .data(data(record));
    // By default an id that stays the same when the record is read again.
    String place = record.topic() + "-" + record.partition() + "-" + record.offset();
    String id = TenantRule.only(record, "ce_id");
    event.id(id == null ? place : id);
    String source = TenantRule.only(record, "ce_source");
    event.source(source == null ? "/kafka/" + record.topic() : source);
    ifThere(TenantRule.only(record, "ce_type"), event::type);
    ifThere(TenantRule.only(record, "ce_subject"), event::subject);
    if (record.timestamp() >= 0) {
      event.time(Instant.ofEpochMilli(record.timestamp()));
    }
    return event.build();
  }

  private static void ifThere(@Nullable String text, Consumer<String> taker) {
    if (text != null) {
      taker.accept(text);
    }
  }

  private static EventData data(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    if (value == null) {
      return EventData.none();
    }
    String contentType = TenantRule.only(record, "content-type");
    return EventData.of(contentType == null ? EventData.JSON : contentType, Buffer.buffer(value));
  }
}
