package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AddressRange;
import dev.gatehouse.core.AddressRules;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {
  private static InetAddress address(String text) {
    return AddressRange.literal(text).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "100:0:0:1::1"
      })
  void address_thatOnlyWeCanReach_isPrivate(String text) {
    assertThat(AddressRules.isPrivate(address(text))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.0.1",
        "172.32.0.1",
        "192.167.0.1",
        "2606:4700::1111",
        "2a00::1",
        "64:ff9b::101:101",
        "2002:101:101::",
        "::ffff:1.1.1.1"
      })
  void address_ofThePublicNetwork_isNotPrivate(String text) {
    assertThat(AddressRules.isPrivate(address(text))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200"
      })
  void address_ofTheLink_isNeverAllowed(String text) {
    assertThat(AddressRules.isLinkLocal(address(text))).isTrue();
    Destination named = new Destination(URI.create("http://name.example/"), true);

    Future<InetAddress> judged =
        named.address(name -> Future.succeededFuture(List.of(address("1.1.1.1"), address(text))));

    assertThat(judged.cause()).isInstanceOf(Destination.RefusedException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "1.2.3"})
  void host_thatOnlyResolversTakeForAnAddress_isAName(String text) {
    assertThat(AddressRange.literal(text)).isEmpty();
  }

  @Test
  void literal_writtenByTheOperator_isUsedAsItIs() {
    Destination literal = new Destination(URI.create("http://[::1]:8080/x"), false);
    Destination.Resolver nobody =
        name -> {
          throw new AssertionError("a literal is not looked up");
        };

    assertThat(literal.address(nobody).result().isLoopbackAddress()).isTrue();
    assertThat(literal.host()).isEqualTo("::1");
  }

  @Test
  void name_withOnePrivateAmongItsAddresses_isRefused() {
    Destination named = new Destination(URI.create("https://name.example/"), false);

    Future<InetAddress> judged =
        named.address(
            name -> Future.succeededFuture(List.of(address("1.1.1.1"), address("10.0.0.1"))));

    assertThat(judged.cause()).isInstanceOf(Destination.RefusedException.class);
  }
}
