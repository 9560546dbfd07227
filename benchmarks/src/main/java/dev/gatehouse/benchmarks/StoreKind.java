package dev.gatehouse.benchmarks;

/** The databases that a receiver can have. */
enum StoreKind {
  SQLITE("SQLite"),
  POSTGRES("PostgreSQL");

  private final String title;

  StoreKind(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
