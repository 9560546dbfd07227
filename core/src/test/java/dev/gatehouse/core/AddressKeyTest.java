package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressKeyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2001:db8:1:2::",
        "2001:DB8:1:2:3:4:5:6",
        "2001:0db8:0001:0002::1%eth0",
        "2001:db8:1:2:ffff:ffff:ffff:ffff"
      })
  void key_ofIpv6_isItsNetworkOf64(String address) {
    assertThat(AddressKey.of(address)).isEqualTo("20010db800010002/64");
  }

  @Test
  void key_ofTheNextNetwork_isAnother() {
    assertThat(AddressKey.of("2001:db8:1:3::1")).isNotEqualTo(AddressKey.of("2001:db8:1:2::1"));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.7",
    "::ffff:192.0.2.7, 192.0.2.7",
    "::ffff:c000:207, 192.0.2.7",
    "64:ff9b::c000:207, 192.0.2.7",
    "2002:c000:207:9::1, 192.0.2.7"
  })
  void key_ofIpv4HoweverItIsCarried_isTheWholeAddress(String address, String key) {
    assertThat(AddressKey.of(address)).isEqualTo(key);
  }

  @Test
  void key_ofWhatIsNoAddress_isTheTextItself() {
    assertThat(AddressKey.of("local")).isEqualTo("local");
    assertThat(AddressKey.of("")).isEmpty();
  }
}
