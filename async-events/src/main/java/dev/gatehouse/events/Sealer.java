package dev.gatehouse.events;

/** Makes the cursors of one subscription. */
@FunctionalInterface
interface Sealer {
  /** The cursor; made only when somebody asks, for it costs two MACs. */
  String seal(Position position);
}
