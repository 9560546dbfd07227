package dev.gatehouse.events;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The views of one event: subscribers with equal masks share one, and what it is encoded to. */
final class Views {
  private record Known(Mask mask, @Nullable EventView view) {}

  private final Event event;
  private final List<Known> known = new ArrayList<>(2);

  Views(Event event) {
    this.event = event;
  }

  /** The view; null if it cannot be made, so that the event must not be shown. */
  @Nullable EventView of(Mask mask) {
    for (Known each : known) {
      if (each.mask().equals(mask)) {
        return each.view();
      }
    }
    EventView view = EventView.of(event, mask);
    known.add(new Known(mask, view));
    return view;
  }
}
