package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NounsTest {
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

  @ParameterizedTest
  @ValueSource(strings = {"acme", "acme2", "ACME", "a", "7", "a_b-c"})
  void tenantId_plainName_isTaken(String name) {
    assertThat(TenantId.of(name)).hasToString(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "acme.x", "acme*", "acme>", "a/b", "a:b", "a,b", "acme\n", "аcme", "-a", "_a",
        "a\u0000", "a b"
      })
  void tenantId_wildcardSeparatorControlOrConfusable_isRefusedWithoutBeingRepeated(String name) {
    assertThatThrownBy(() -> TenantId.of(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a tenant id");
  }

  @Test
  void tenantId_of65Characters_isRefused() {
    assertThat(TenantId.isValid("a".repeat(64))).isTrue();
    assertThat(TenantId.isValid("a".repeat(65))).isFalse();
  }

  @Test
  void principal_atTheMomentOfItsExpiry_isExpired() {
    Principal principal = Principal.vouchedBy("test", Principal.Kind.USER, "u").expiry(NOW).build();
    assertThat(principal.isExpiredAt(NOW.minusNanos(1))).isFalse();
    assertThat(principal.isExpiredAt(NOW)).isTrue();
    assertThatThrownBy(() -> Principal.vouchedBy("test", Principal.Kind.USER, " "))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decision_abstention_allowsNothing() {
    assertThat(Decision.allow().isAllowed()).isTrue();
    assertThat(Decision.abstain().isAllowed()).isFalse();
    assertThat(Decision.deny("too_old", "no").isAllowed()).isFalse();
    assertThatThrownBy(() -> Decision.deny("Too Old", "no"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void auditEvent_attackersText_staysOnOneLineAndSensitiveStaysOut() {
    AuditEvent event =
        AuditEvent.of(NOW, "webhook", "verify", AuditEvent.Outcome.DENIED, "too_old")
            .subject("demo\r\n2026 forged line")
            .detail("id", "a\u001b[31mred\u2028\u202e" + "x".repeat(1000))
            .sensitive("peer", "192.0.2.7")
            .build();
    assertThat(event.toString())
        .doesNotContain("\r", "\n", "\u001b", "\u2028", "\u202e", "192.0.2.7")
        .contains("code=too_old", "peer=[sensitive]")
        .hasSizeLessThan(500);
  }

  @Test
  void auditSink_thatThrows_doesNotReachItsCallerNorStopTheOther() {
    AuditSink.InMemory kept = AuditSink.inMemory(2);
    AuditSink both =
        ((AuditSink)
                event -> {
                  throw new IllegalStateException("disk full");
                })
            .and(kept);
    for (int i = 0; i < 3; i++) {
      both.record(AuditEvent.of(NOW, "webhook", "a" + i, AuditEvent.Outcome.ALLOWED, "ok").build());
    }
    assertThat(kept.events()).extracting(AuditEvent::action).containsExactly("a1", "a2");
  }

  @Test
  void auditSink_thatThrowsAnErrorOrWhenAsked_doesNotReachItsCallerNorStopTheOther() {
    AuditSink broken =
        new AuditSink() {
          @Override
          public void record(AuditEvent event) {
            throw new AssertionError("no class");
          }

          @Override
          public boolean records(AuditEvent.Outcome outcome) {
            throw new IllegalStateException("not yet open");
          }
        };
    AuditSink.InMemory kept = AuditSink.inMemory(2);
    AuditSink both = broken.and(kept);

    assertThat(broken.guarded().records(AuditEvent.Outcome.ALLOWED)).isTrue();
    assertThat(both.records(AuditEvent.Outcome.ALLOWED)).isTrue();
    both.record(AuditEvent.of(NOW, "webhook", "a", AuditEvent.Outcome.ALLOWED, "ok").build());
    assertThat(kept.events()).hasSize(1);
  }

  @Test
  void killSwitch_listenerThatThrows_hidesTheChangeFromNobodyElse() {
    KillSwitch killSwitch = KillSwitch.create(InstantSource.fixed(NOW));
    List<Boolean> heard = new ArrayList<>();
    killSwitch.onChange(
        change -> {
          throw new AssertionError("a bug");
        });
    killSwitch.onChange(change -> heard.add(change.on()));

    killSwitch.engage(KillSwitch.Kind.TENANT, "acme", "breach");
    killSwitch.release(KillSwitch.Kind.TENANT, "acme");
    killSwitch.apply(
        new KillSwitch.Change(
            new KillSwitch.Engaged(
                new KillSwitch.Target(KillSwitch.Kind.TENANT, "acme"), "breach", NOW),
            true));

    assertThat(heard).containsExactly(true, false, true);
  }

  @Test
  void killSwitch_listeningEnded_isToldNothingMore() {
    KillSwitch killSwitch = KillSwitch.create(InstantSource.fixed(NOW));
    List<String> heard = new ArrayList<>();
    Consumer<KillSwitch.Change> listener = change -> heard.add(change.engaged().reason());
    KillSwitch.Listening first = killSwitch.onChange(listener);
    killSwitch.onChange(listener);
    killSwitch.engage(KillSwitch.Kind.TENANT, "acme", "both");

    first.end();
    first.end();
    killSwitch.engage(KillSwitch.Kind.TENANT, "acme2", "the other");

    assertThat(heard).containsExactly("both", "both", "the other");
  }

  @Test
  void killSwitch_engagedAndReleased_stopsFromTheNextCallOnAndTellsListeners() {
    KillSwitch killSwitch = KillSwitch.create(InstantSource.fixed(NOW));
    List<KillSwitch.Change> heard = new ArrayList<>();
    killSwitch.onChange(heard::add);
    assertThat(killSwitch.stops(KillSwitch.Kind.SOURCE, "github")).isFalse();

    killSwitch.engage(KillSwitch.Kind.SOURCE, "github", "leaked secret");
    killSwitch.engage(KillSwitch.Kind.SOURCE, "github", "again");
    assertThat(killSwitch.stops(KillSwitch.Kind.SOURCE, "github")).isTrue();
    assertThat(killSwitch.stops(KillSwitch.Kind.TENANT, "github")).isFalse();
    assertThat(killSwitch.engaged())
        .extracting(KillSwitch.Engaged::reason)
        .containsExactly("leaked secret");

    assertThat(killSwitch.release(KillSwitch.Kind.SOURCE, "github")).isTrue();
    assertThat(killSwitch.release(KillSwitch.Kind.SOURCE, "github")).isFalse();
    assertThat(killSwitch.stops(KillSwitch.Kind.SOURCE, "github")).isFalse();
    assertThat(heard).extracting(KillSwitch.Change::on).containsExactly(true, false);
  }
}
