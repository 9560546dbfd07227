package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.SocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenConnectionsTest {
  private final OpenConnections connections = new OpenConnections(100, 100, 2);

  private boolean enters(String address) {
    SocketAddress peer = SocketAddress.inetSocketAddress(4711, address);
    return connections.enter(OpenConnections.key(Optional.empty(), peer)).isPresent();
  }

  @Test
  void unknown_ofOneNetworkOfIpv6_shareItsPlaces() {
    assertThat(enters("2001:db8:0:1::1")).isTrue();
    assertThat(enters("2001:db8:0:1:2::2")).isTrue();
    assertThat(enters("2001:db8:0:1:3:3:3:3")).isFalse();
    assertThat(enters("2001:db8:0:2::1")).isTrue();
  }

  @Test
  void unknown_ofIpv4_shareNoPlaces() {
    for (int host = 1; host < 5; host++) {
      assertThat(enters("192.0.2." + host)).isTrue();
      assertThat(enters("::ffff:192.0.2." + host)).isTrue();
      assertThat(enters("192.0.2." + host)).isFalse();
    }
  }

  @Test
  void unknown_withoutAnAddress_shareTheirPlaces() {
    SocketAddress local = SocketAddress.domainSocketAddress("/run/gatehouse.sock");
    assertThat(OpenConnections.key(Optional.empty(), local))
        .isEqualTo(OpenConnections.key(Optional.empty(), null));
  }
}
