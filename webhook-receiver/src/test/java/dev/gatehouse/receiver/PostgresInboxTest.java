package dev.gatehouse.receiver;

import java.time.Duration;

class PostgresInboxTest extends InboxContract {
  private final PostgresAddress address = PostgresServer.withSimulatedClock();

  @Override
  SqlInbox open() {
    PostgresServer.setClock(address, clock.instant());
    return open(address, Vault.open());
  }

  private SqlInbox open(PostgresAddress at, Vault vault) {
    return SqlInbox.postgres(vertx, at, vault, InboxWriter.Limits.DEFAULT, clock);
  }

  @Override
  void advance(Duration by) {
    clock.advance(by);
    PostgresServer.setClock(address, clock.instant());
  }
}
