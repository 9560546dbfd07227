package dev.gatehouse.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import kafka.server.BrokerServer;
import kafka.testkit.KafkaClusterTestKit;
import kafka.testkit.TestKitNodes;

/** A real Kafka of one broker, which keeps its port when it is restarted. */
final class KafkaNode {
  private final KafkaClusterTestKit cluster;
  private final int port;

  private KafkaNode(KafkaClusterTestKit cluster, int port) {
    this.cluster = cluster;
    this.port = port;
  }

  static KafkaNode start() throws Exception {
    int port = freePort();
    TestKitNodes nodes =
        new TestKitNodes.Builder()
            .setCombined(false)
            .setNumBrokerNodes(1)
            .setNumControllerNodes(1)
            .setPerServerProperties(
                Map.of(
                    0,
                    Map.of(
                        "listeners", "EXTERNAL://localhost:" + port,
                        "advertised.listeners", "EXTERNAL://localhost:" + port)))
            .build();
    KafkaClusterTestKit cluster =
        new KafkaClusterTestKit.Builder(nodes)
            .setConfigProp("offsets.topic.replication.factor", "1")
            .setConfigProp("offsets.topic.num.partitions", "1")
            .setConfigProp("transaction.state.log.replication.factor", "1")
            .setConfigProp("transaction.state.log.min.isr", "1")
            .setConfigProp("transaction.state.log.num.partitions", "1")
            .setConfigProp("group.initial.rebalance.delay.ms", "0")
            .build();
    cluster.format();
    cluster.startup();
    cluster.waitForReadyBrokers();
    return new KafkaNode(cluster, port);
  }

  String address() {
    return "localhost:" + port;
  }

  void restart() throws Exception {
    BrokerServer broker = cluster.brokers().values().iterator().next();
    broker.shutdown();
    broker.awaitShutdown();
    broker.startup();
    cluster.waitForReadyBrokers();
  }

  void close() throws Exception {
    cluster.close();
  }

  // Below those that the system gives to whoever asks for any: nobody is given it between this look
  // and Kafka, nor while Kafka is restarted.
  private static int freePort() {
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // then another
      }
    }
    throw new IllegalStateException("no port is free");
  }
}
