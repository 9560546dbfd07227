package dev.gatehouse.events;

import dev.gatehouse.events.TopicMatches.Named;
import dev.gatehouse.events.filter.FieldPath;
import dev.gatehouse.events.filter.Filter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's subscriptions: by topic, then by an attribute that their filter wants equal to a
 * text. What it finds may want the event; the filter itself is asked later, on what the subscriber
 * may see.
 *
 * <p>Nothing in it leads to another tenant's. Not safe for threads.
 *
 * @param <S> what subscribes
 */
final class TenantIndex<S extends TenantIndex.Entry> {
  /** What the index needs to know of a subscription, and a place to note where it stands. */
  abstract static class Entry {
    private int slot = -1;

    abstract TopicPattern topics();

    abstract Filter filter();
  }

  // Each name in use is looked up for each event, so that a tenant cannot make its own events dear
  // by filters on ever new attributes. The rest is found by topic alone.
  private static final int MAX_NAMES = 8;

  // What a topic leads to is looked for once, and stays the same until a subscription comes or
  // goes. As many topics are remembered as tenants have at a time, in room that grows with the
  // tenant's subscriptions, and forgotten together.
  private static final int MAX_TOPICS = 128;
  private static final int MIN_WEIGHT = 2_048;
  private static final int MAX_WEIGHT = 100_000;
  private static final int WEIGHT_A_SUBSCRIPTION = 8;

  private final TopicTrie<Bucket<S>> topics = new TopicTrie<>();
  private final Map<String, TopicMatches<S>> known = new HashMap<>(2);
  private int knownWeight;

  // One topic is often the next event's too: what it leads to is at hand without a look at the map.
  private String lastTopic = "";
  private @Nullable TopicMatches<S> last;

  private int size;

  /** Adds it, unless it is in already. */
  void add(S entry) {
    if (slot(entry) >= 0) {
      return;
    }
    Bucket<S> bucket = topics.at(entry.topics(), Bucket::new);
    forget();
    put(bucket.placeFor(entry), entry);
    bucket.size++;
    size++;
  }

  void remove(S entry) {
    if (slot(entry) < 0) {
      return;
    }
    Bucket<S> bucket = topics.at(entry.topics(), Bucket::new);
    forget();
    bucket.remove(entry);
    size--;
    if (--bucket.size == 0) {
      topics.remove(entry.topics());
    }
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0 && topics.isEmpty();
  }

  /** All that may want the event, as they are now: what changes later changes nothing in it. */
  List<S> matching(Event event) {
    Topic topic = event.topic();
    TopicMatches<S> matches = last;
    if (matches == null || !topic.name().equals(lastTopic)) {
      TopicMatches<S> remembered = known.get(topic.name());
      matches = remembered == null ? look(topic) : remembered;
      lastTopic = topic.name();
      last = matches;
    }
    return matches.of(event);
  }

  private TopicMatches<S> look(Topic topic) {
    TopicMatches.Builder<S> builder = new TopicMatches.Builder<>();
    topics.match(topic, bucket -> bucket.giveTo(builder));
    TopicMatches<S> matches = builder.build();
    int weight = matches.weight();
    int most = Math.min(MAX_WEIGHT, MIN_WEIGHT + WEIGHT_A_SUBSCRIPTION * size);
    if (known.size() >= MAX_TOPICS || knownWeight + weight > most) {
      forget();
    }
    known.put(topic.name(), matches);
    knownWeight += weight;
    return matches;
  }

  private void forget() {
    known.clear();
    last = null;
    knownWeight = 0;
  }

  private static <S extends Entry> void put(List<S> place, S entry) {
    Entry noted = entry;
    noted.slot = place.size();
    place.add(entry);
  }

  // The last takes the place of the one that goes.
  private static <S extends Entry> void take(List<S> place, S entry) {
    Entry noted = entry;
    int slot = noted.slot;
    S last = place.remove(place.size() - 1);
    if (last != entry) {
      Entry moved = last;
      moved.slot = slot;
      place.set(slot, last);
    }
    noted.slot = -1;
  }

  private static int slot(Entry entry) {
    return entry.slot;
  }

  /** The subscriptions of one pattern. */
  private static final class Bucket<S extends Entry> {
    private final List<S> plain = new ArrayList<>(2);
    private final List<Named<S>> names = new ArrayList<>(1);
    private int size;

    private List<S> placeFor(S entry) {
      for (Map.Entry<FieldPath, String> wanted : entry.filter().equalities().entrySet()) {
        Named<S> known = named(wanted.getKey().text());
        if (known == null && names.size() < MAX_NAMES) {
          known = new Named<>(wanted.getKey().text(), new HashMap<>(2));
          names.add(known);
        }
        if (known != null) {
          return known.byText().computeIfAbsent(wanted.getValue(), text -> new ArrayList<>(2));
        }
      }
      return plain;
    }

    private @Nullable Named<S> named(String name) {
      for (Named<S> each : names) {
        if (each.name().equals(name)) {
          return each;
        }
      }
      return null;
    }

    private void remove(S entry) {
      if (holds(plain, entry)) {
        take(plain, entry);
        return;
      }
      for (Map.Entry<FieldPath, String> wanted : entry.filter().equalities().entrySet()) {
        Named<S> known = named(wanted.getKey().text());
        List<S> place =
            known == null ? List.of() : known.byText().getOrDefault(wanted.getValue(), List.of());
        if (known != null && holds(place, entry)) {
          take(place, entry);
          prune(known, wanted.getValue(), place);
          return;
        }
      }
    }

    private void prune(Named<S> named, String text, List<S> place) {
      if (place.isEmpty()) {
        named.byText().remove(text);
      }
      if (named.byText().isEmpty()) {
        names.remove(named);
      }
    }

    private static <S extends Entry> boolean holds(List<S> place, S entry) {
      int slot = slot(entry);
      return slot < place.size() && place.get(slot) == entry;
    }

    private void giveTo(TopicMatches.Builder<S> builder) {
      builder.add(plain, names);
    }
  }
}
