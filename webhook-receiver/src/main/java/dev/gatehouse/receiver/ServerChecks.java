package dev.gatehouse.receiver;

import dev.gatehouse.core.AddressRange;
import dev.gatehouse.core.Secret;
import dev.gatehouse.receiver.ReceiverConfig.Management;
import dev.gatehouse.receiver.ReceiverConfig.Place;
import dev.gatehouse.receiver.ReceiverConfig.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the ports and the store leave weak. */
final class ServerChecks {
  private static final int SHORT_TOKEN_BYTES = 16;
  private static final Duration LONG_RETENTION = Duration.ofDays(365);

  // Wider than any network that one operator's proxies stand in.
  private static final int WIDE_IPV4_BITS = 8;
  private static final int WIDE_IPV6_BITS = 16;

  private final List<Finding> findings = new ArrayList<>();

  private ServerChecks() {}

  static List<Finding> of(ReceiverConfig config) {
    ServerChecks checks = new ServerChecks();
    checks.server(config.server());
    checks.management(config.management());
    checks.store(config);
    return checks.findings;
  }

  private void server(Server server) {
    if (!Loopback.isLoopback(server.host()) && !server.hideSources()) {
      findings.add(
          Finding.advice(
              "server.hideSources",
              "is off, so anybody can try out which sources there are",
              "set hideSources: true"));
    }
    for (int i = 0; i < server.trustedProxies().size(); i++) {
      String path = "server.trustedProxies[" + i + "]";
      AddressRange.parse(server.trustedProxies().get(i))
          .filter(ServerChecks::isWide)
          .ifPresent(
              range ->
                  findings.add(
                      Finding.warning(
                          path,
                          "takes in strangers: their X-Forwarded-* headers choose the address that"
                              + " is limited and the URL that is verified",
                          "name your proxies' own networks")));
    }
  }

  private static boolean isWide(AddressRange range) {
    boolean ipv4 = range.network().getAddress().length == 4;
    return range.bits() < (ipv4 ? WIDE_IPV4_BITS : WIDE_IPV6_BITS);
  }

  private void management(Management management) {
    if (!Loopback.isLoopback(management.host())) {
      findings.add(
          Finding.advice(
              "server.management.host",
              "is reached from other machines, over plain HTTP, its token in clear",
              "set host: 127.0.0.1, or let a TLS proxy on this machine be the only one to reach"
                  + " it"));
    }
    management
        .token()
        .map(Secret::revealBytes)
        .filter(token -> token.length < SHORT_TOKEN_BYTES)
        .ifPresent(
            token ->
                findings.add(
                    Finding.warning(
                        "server.management.token",
                        "is " + token.length + " bytes long and could be guessed",
                        "use at least " + SHORT_TOKEN_BYTES + " random bytes")));
  }

  private void store(ReceiverConfig config) {
    if (config.store().retention().compareTo(LONG_RETENTION) > 0) {
      findings.add(
          Finding.advice(
              "store.retention",
              "keeps what was delivered for more than a year",
              "keep it as long as somebody replays it, and no longer"));
    }
    if (config.store().place() instanceof Place.Postgres postgres
        && !postgres.address().isLoopback()) {
      transport(postgres.address().sslMode());
    }
  }

  private void transport(String sslMode) {
    switch (sslMode) {
      case "verify-full" -> {}
      case "require", "verify-ca" ->
          findings.add(
              Finding.advice(
                  "store.url",
                  "has sslmode="
                      + sslMode
                      + ", which does not ask whether the server is the one that is named",
                  "append sslmode=verify-full, and sslrootcert where the CA is your own"));
      default ->
          findings.add(
              Finding.warning(
                  "store.url",
                  "has sslmode="
                      + sslMode
                      + ": payloads and the password's proof cross the network in clear if the"
                      + " server, or whoever stands between, offers no TLS",
                  "append sslmode=verify-full, and sslrootcert where the CA is your own"));
    }
  }
}
