package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One connection through the network, and what each side of it learns. */
final class TcpProxyTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int SILENCE_MILLIS = 200;

  private ServerSocket listener;
  private TcpProxy network;
  private Socket client;
  private Socket server;

  @BeforeEach
  void connect() throws IOException {
    listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    network = TcpProxy.to(listener.getLocalPort());
    client = new Socket(InetAddress.getLoopbackAddress(), network.port());
    server = listener.accept();
    // the connection is known to be carried both ways
    client.setSoTimeout(PATIENCE_MILLIS);
    server.setSoTimeout(PATIENCE_MILLIS);
    client.getOutputStream().write(1);
    assertThat(server.getInputStream().read()).isEqualTo(1);
    server.getOutputStream().write(2);
    assertThat(client.getInputStream().read()).isEqualTo(2);
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    network.close();
    listener.close();
  }

  @Test
  void blackhole_clientCloses_serverLearnsItOnceHealed() throws IOException {
    network.blackhole();
    client.close();

    assertSilent(server);
    network.heal();
    assertThat(server.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void blackhole_clientResets_serverLearnsItOnceHealed() throws IOException {
    network.blackhole();
    client.setSoLinger(true, 0);
    client.close();

    assertSilent(server);
    network.heal();
    assertThat(server.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void freeze_serverCloses_clientIsNotToldEvenOnceHealed() throws IOException {
    network.freeze();
    server.close();
    network.heal();

    assertSilent(client);
  }

  @Test
  void close_oneDirection_leavesTheOther() throws IOException {
    client.shutdownOutput();
    assertThat(server.getInputStream().read()).isEqualTo(-1);

    server.getOutputStream().write(3);

    assertThat(client.getInputStream().read()).isEqualTo(3);
    server.close();
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void cut_afterFreeze_endsWhatWasFrozen() throws IOException {
    network.freeze();
    network.cut();

    assertThat(client.getInputStream().read()).isEqualTo(-1);
    assertThat(server.getInputStream().read()).isEqualTo(-1);
  }

  private static void assertSilent(Socket side) throws IOException {
    side.setSoTimeout(SILENCE_MILLIS);
    assertThatThrownBy(() -> side.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    side.setSoTimeout(PATIENCE_MILLIS);
  }
}
