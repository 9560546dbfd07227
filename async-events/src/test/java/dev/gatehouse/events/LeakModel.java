package dev.gatehouse.events;

import dev.gatehouse.events.filter.FilterModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who may get which event, said once more with tables, loops and regular expressions, and without
 * the code under test.
 */
final class LeakModel {
  /** An event as the model knows it. */
  record Happening(String id, String tenant, String topic, Map<String, Object> fields) {}

  /** What a user may: topics by first segment, owners by number, and whether data.a is shown. */
  record Rights(Set<String> roots, int regions, boolean showsA, boolean subscribes) {
    static Rights random(Random random) {
      Set<String> roots = new HashSet<>();
      for (String root : List.of("orders", "stock", "news")) {
        if (random.nextInt(4) > 0) {
          roots.add(root);
        }
      }
      return new Rights(roots, random.nextInt(3), random.nextBoolean(), random.nextInt(12) > 0);
    }
  }

  /** What somebody asked for. */
  record Wish(String tenant, String user, String topics, FilterModel filter) {}

  final Map<String, List<Happening>> history = new HashMap<>();
  final Map<String, Rights> rights = new HashMap<>();
  final Set<String> stoppedUsers = new HashSet<>();
  final Set<String> stoppedTenants = new HashSet<>();
  final Set<String> stoppedTopics = new HashSet<>();

  List<Happening> historyOf(String tenant) {
    return history.computeIfAbsent(tenant, name -> new ArrayList<>());
  }

  Rights rightsOf(String tenant, String user) {
    return rights.get(tenant + " " + user);
  }

  boolean mayPublish(Happening event) {
    return !stoppedTenants.contains(event.tenant()) && !isStopped(event.topic());
  }

  boolean isStopped(String topic) {
    return stoppedTopics.stream().anyMatch(stopped -> has(stopped, topic));
  }

  boolean mayConnect(String tenant, String user) {
    return !stoppedTenants.contains(tenant) && !stoppedUsers.contains(user);
  }

  boolean maySubscribe(Wish wish) {
    return mayConnect(wish.tenant(), wish.user())
        && rightsOf(wish.tenant(), wish.user()).subscribes()
        && !stoppedTopics.contains(wish.topics());
  }

  /** Whether the event is for whoever wished that, under these rights. */
  static boolean isFor(Wish wish, Rights rights, Happening event) {
    if (!wish.tenant().equals(event.tenant()) || !has(wish.topics(), event.topic())) {
      return false;
    }
    String root = event.topic().split("\\.", 2)[0];
    Object region = event.fields().get("region");
    boolean seen =
        rights.roots().contains(root)
            && (rights.regions() == 0 || !"eu".equals(region) || rights.regions() == 1);
    return seen && wish.filter().passes(visible(rights, event));
  }

  static Map<String, Object> visible(Rights rights, Happening event) {
    Map<String, Object> visible = new HashMap<>(event.fields());
    if (!rights.showsA()) {
      visible.remove("data.a");
    }
    visible.put("type", event.topic());
    return visible;
  }

  static boolean has(String pattern, String topic) {
    return Pattern.matches(
        pattern.replace(".", "\\.").replace("*", "[^.]+").replace(">", ".+"), topic);
  }
}
