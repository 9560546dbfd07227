package dev.gatehouse.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that may touch the consumer: fetches, pauses partitions of which enough waits, and
 * commits what is done. It goes on polling while all are paused, or the group would think it dead.
 */
final class ConsumerLoop implements ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaEventSource.class);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long PAUSE_MILLIS = 500;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Set<String> topics;
  private final Supplier<PartitionFlow> freshFlow;
  private final Consumer<PartitionFlow> drain;
  private final Map<TopicPartition, PartitionFlow> flows = new ConcurrentHashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private boolean subscribed;
  private long committedAt = System.nanoTime();

  ConsumerLoop(
      KafkaConsumer<byte[], byte[]> consumer,
      Set<String> topics,
      Supplier<PartitionFlow> freshFlow,
      Consumer<PartitionFlow> drain) {
    this.consumer = consumer;
    this.topics = Set.copyOf(topics);
    this.freshFlow = freshFlow;
    this.drain = drain;
  }

  void start() {
    Thread thread = new Thread(this::run, "gatehouse-kafka-events");
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits until the consumer is closed, for a while. */
  boolean close() throws InterruptedException {
    closing.countDown();
    consumer.wakeup();
    return over.await(KafkaEventSource.CLOSE.toMillis() * 2, TimeUnit.MILLISECONDS);
  }

  int inFlight() {
    return flows.values().stream().mapToInt(PartitionFlow::size).sum();
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run() {
    try {
      while (!isClosing()) {
        turn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private void turn() throws InterruptedException {
    try {
      subscribe();
      take(consumer.poll(POLL));
      resume();
      if (System.nanoTime() - committedAt > COMMIT_NANOS) {
        commit();
      }
    } catch (WakeupException closed) {
      // the loop's condition says the rest
    } catch (RuntimeException | Error e) {
      subscribed &= !(e instanceof Error);
      // What Kafka says may hold what a record holds.
      LOG.warn("Kafka cannot be read; it is tried again: {}", e.getClass().getName());
      closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  // After an Error anew: the consumer may have moved on past what nobody got, and so begins again
  // at what is committed.
  private void subscribe() {
    if (!subscribed) {
      consumer.unsubscribe();
      consumer.subscribe(topics, this);
      subscribed = true;
    }
  }

  private void take(ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      PartitionFlow flow = flow(partition);
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        flow.add(record);
      }
      if (flow.isFull()) {
        consumer.pause(List.of(partition));
      }
      drain.accept(flow);
    }
  }

  private PartitionFlow flow(TopicPartition partition) {
    return flows.computeIfAbsent(partition, fresh -> freshFlow.get());
  }

  private void resume() {
    for (TopicPartition partition : consumer.paused()) {
      if (!flow(partition).isFull()) {
        consumer.resume(List.of(partition));
      }
    }
  }

  private void commit() {
    committedAt = System.nanoTime();
    Map<TopicPartition, OffsetAndMetadata> offsets = toCommit(flows.keySet());
    if (offsets.isEmpty()) {
      return;
    }
    consumer.commitAsync(
        offsets,
        (committed, failure) -> {
          if (failure != null) {
            LOG.warn("offsets were not committed; it is tried again: {}", failure.getClass());
          } else {
            committed.forEach(this::committed);
          }
        });
  }

  private void committed(TopicPartition partition, OffsetAndMetadata at) {
    PartitionFlow flow = flows.get(partition);
    if (flow != null) {
      flow.committed(at.offset());
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> toCommit(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : partitions) {
      PartitionFlow flow = flows.get(partition);
      long offset = flow == null ? -1 : flow.toCommit();
      if (offset >= 0) {
        offsets.put(partition, new OffsetAndMetadata(offset));
      }
    }
    return offsets;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    // A flow of an earlier assignment would go on with what it had.
    partitions.forEach(this::forget);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    commitNow(partitions);
    partitions.forEach(this::forget);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    partitions.forEach(this::forget);
  }

  private void forget(TopicPartition partition) {
    PartitionFlow flow = flows.remove(partition);
    if (flow != null) {
      flow.revoke();
    }
  }

  private void commitNow(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> offsets = toCommit(partitions);
    try {
      if (!offsets.isEmpty()) {
        consumer.commitSync(offsets, KafkaEventSource.CLOSE);
      }
    } catch (KafkaException e) {
      // They are read, and published, again.
      LOG.warn("offsets were not committed: {}", e.getClass().getName());
    }
  }

  private void end() {
    try {
      // Its listener commits what is done.
      consumer.close(KafkaEventSource.CLOSE);
    } catch (KafkaException e) {
      LOG.warn("the consumer was not closed in order: {}", e.getClass().getName());
    } finally {
      flows.values().forEach(PartitionFlow::revoke);
      over.countDown();
    }
  }
}
