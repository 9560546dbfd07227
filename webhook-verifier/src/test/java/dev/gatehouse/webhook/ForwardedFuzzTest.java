package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Any text in the headers of proxies and in their networks: an address has one spelling. */
final class ForwardedFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void forwarded_anyText_givesAddressesInOneSpelling(byte[] input) {
    List<String> lines = List.of(new String(input, StandardCharsets.ISO_8859_1).split("\n", -1));
    List<ForwardedHop> hops = new ArrayList<>(ForwardedHop.ofList(lines));
    hops.addAll(ForwardedHop.parse(lines));
    assertThat(ForwardedHop.parse(lines)).isEqualTo(ForwardedHop.parse(List.copyOf(lines)));
    for (ForwardedHop hop : hops) {
      String address = hop.address();
      if (address != null) {
        assertThat(PeerAddress.normalise(address)).isEqualTo(address);
        assertThat(ForwardedHop.ofList(List.of(address)).get(0).address()).isEqualTo(address);
        assertThat(ForwardedHop.parse(List.of("for=\"[" + address + "]\"")).get(0).address())
            .isIn(address, null);
      }
    }
  }

  @FuzzTest(maxDuration = "10m")
  void network_anyText_isOneOrRefused(byte[] input) {
    String cidr = new String(input, StandardCharsets.ISO_8859_1);
    try {
      TrustedProxies.of(List.of(cidr));
      assertThat(cidr).matches("[0-9a-fA-F:.]+(/[0-9]{1,3})?");
    } catch (IllegalArgumentException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }
}
