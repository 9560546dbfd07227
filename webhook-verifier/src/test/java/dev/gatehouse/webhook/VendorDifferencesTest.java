package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.VendorSdks.SentRequest;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Where the vendors' own libraries and Gatehouse say different things of one request: each kind of
 * difference is known by name and explained in {@code docs/vendor-differences.md}; a new one fails.
 */
class VendorDifferencesTest {
  // -Dgatehouse.rounds=10000 for the long run.
  private static final int ROUNDS = Integer.getInteger("gatehouse.rounds", 200);
  private static final Path PAGE = Path.of("../docs/vendor-differences.md").toAbsolutePath();

  /** Who lets a request in. */
  private enum Side {
    BOTH,
    NEITHER,
    LIBRARY,
    GATEHOUSE
  }

  @ParameterizedTest
  @EnumSource(VendorSdks.class)
  void request_changedInAKnownWay_isJudgedAsThePageSays(VendorSdks vendor) {
    VendorRequests requests = new VendorRequests(20_261_127);
    Map<String, TreeSet<Side>> seen = new TreeMap<>();
    List<VendorEdits.Edit> edits = VendorEdits.of(vendor);
    for (int i = 0; i < Math.max(ROUNDS, edits.size()); i++) {
      // The libraries read the machine's clock, so the signed time has to be of now.
      requests.now(InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS));
      VendorEdits.Edit edit = edits.get(i % edits.size());
      SentRequest changed = edit.make().apply(requests);
      seen.computeIfAbsent(edit.name(), name -> new TreeSet<>())
          .add(side(vendor, changed, requests.now()));
    }
    Map<String, TreeSet<Side>> known = new TreeMap<>();
    for (VendorEdits.Edit edit : VendorEdits.of(vendor)) {
      known.put(edit.name(), new TreeSet<>(List.of(Side.valueOf(edit.side()))));
    }
    assertThat(seen).isEqualTo(known);
  }

  // The signer does not sign with schemes that are judged over the whole request.
  static Stream<VendorSdks> signable() {
    return Stream.of(VendorSdks.values())
        .filter(vendor -> !Schemes.named(vendor.scheme()).needsWholeRequest());
  }

  @ParameterizedTest
  @MethodSource("signable")
  void request_thatWeSign_isLetInByTheLibrary(VendorSdks vendor) {
    VendorRequests requests = new VendorRequests(20_261_128);
    for (int i = 0; i < ROUNDS; i++) {
      requests.now(InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS));
      SentRequest ours = requests.byOurSigner(requests.of(vendor));

      assertThat(side(vendor, ours, requests.now())).isEqualTo(Side.BOTH);
    }
  }

  @Test
  void page_ofTheDifferences_hasEachKindWithItsVendorsAndWhoLetsItIn() throws IOException {
    List<String> rows =
        Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("| ")).toList();
    List<String> missing = new ArrayList<>();
    for (VendorSdks vendor : VendorSdks.values()) {
      for (VendorEdits.Edit edit : VendorEdits.of(vendor)) {
        boolean differs = edit.side().equals("LIBRARY") || edit.side().equals("GATEHOUSE");
        boolean told = rows.stream().anyMatch(row -> tells(row, vendor, edit));
        if (differs != told) {
          missing.add(vendor.scheme() + ": " + edit.name() + " (" + edit.side() + ")");
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static boolean tells(String row, VendorSdks vendor, VendorEdits.Edit edit) {
    List<String> cells = List.of(row.split("\\|", -1)).stream().map(String::strip).toList();
    return cells.get(1).equals(edit.name())
        && List.of(cells.get(2).split(", ")).contains(vendor.scheme())
        && cells.get(3).equals(edit.side().toLowerCase(Locale.ROOT));
  }

  private static Side side(VendorSdks vendor, SentRequest request, Instant now) {
    boolean ours = ours(request, now) instanceof Verification.Verified;
    boolean theirs = vendor.accepts(request);
    if (ours) {
      return theirs ? Side.BOTH : Side.GATEHOUSE;
    }
    return theirs ? Side.LIBRARY : Side.NEITHER;
  }

  private static Verification ours(SentRequest request, Instant now) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(Schemes.named(request.scheme()))
            .secrets(SecretSource.of(Secret.of("own", request.secret())))
            .clock(InstantSource.fixed(now));
    request.params().forEach(builder::param);
    return builder.build().verify(request.received());
  }
}
