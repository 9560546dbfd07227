package dev.gatehouse.events;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The subscriptions of one tenant that one topic leads to, by what their filters want.
 *
 * <p>They stand close together in memory: an event goes to another tenant than the one before it,
 * and each step from object to object waits for memory that was not used for long.
 *
 * @param <S> what subscribes
 */
final class TopicMatches<S> {
  // So few texts, of so few subscriptions, are compared one after the other; more are looked for by
  // their text, and are not copied whenever somebody comes or goes.
  private static final int FEW = 8;
  private static final int FEW_WANTING = 256;

  // Where one attribute decides, so few that want the event in any case stand in each text's list.
  private static final int FEW_ALWAYS = 64;

  private static final int OWN_WEIGHT = 32;
  private static final int CHOICE_WEIGHT = 12;

  private final List<S> always;
  private final List<Choice<S>> choices;
  private final List<Named<S>> named;
  private final boolean isWhole;

  private TopicMatches(
      List<S> always, List<Choice<S>> choices, List<Named<S>> named, boolean isWhole) {
    this.always = always;
    this.choices = choices;
    this.named = named;
    this.isWhole = isWhole;
  }

  /** Subscriptions that want one attribute equal to a text, by that text; they come and go. */
  record Named<S>(String name, Map<String, List<S>> byText) {}

  /** Those that want an attribute equal to one text; where this is whole, and all others too. */
  private record Choice<S>(String name, String text, List<S> wanting) {}

  /** How much room it takes, in references of about 4 bytes. */
  int weight() {
    int weight = OWN_WEIGHT + always.size() + named.size();
    for (Choice<S> choice : choices) {
      weight += CHOICE_WEIGHT + choice.wanting.size();
    }
    return weight;
  }

  /** Those that may want the event; the list stays as it is. */
  List<S> of(Event event) {
    if (isWhole) {
      return whole(event);
    }
    List<S> found = new ArrayList<>(always.size() + FEW);
    addAll(always, found);
    String name = "";
    Object value = null;
    for (int i = 0; i < choices.size(); i++) {
      Choice<S> choice = choices.get(i);
      if (!choice.name.equals(name)) {
        name = choice.name;
        value = event.attribute(name);
      }
      if (choice.text.equals(value)) {
        addAll(choice.wanting, found);
      }
    }
    for (int i = 0; i < named.size(); i++) {
      Named<S> by = named.get(i);
      if (event.attribute(by.name) instanceof String text) {
        addAll(by.byText.getOrDefault(text, List.of()), found);
      }
    }
    return found;
  }

  private List<S> whole(Event event) {
    if (choices.isEmpty()) {
      return always;
    }
    Object value = event.attribute(choices.get(0).name);
    for (int i = 0; i < choices.size(); i++) {
      Choice<S> choice = choices.get(i);
      if (choice.text.equals(value)) {
        return choice.wanting;
      }
    }
    return always;
  }

  // List.addAll would copy the list first
  private static <S> void addAll(List<S> some, List<S> into) {
    for (int i = 0; i < some.size(); i++) {
      into.add(some.get(i));
    }
  }

  /** Gathers what the patterns of a topic hold. */
  static final class Builder<S> {
    private final List<S> always = new ArrayList<>();
    private final List<Named<S>> named = new ArrayList<>(2);

    /**
     * What one pattern holds.
     *
     * @param plain those that no attribute decides of; copied
     * @param byName those that one does; asked again at each event if they are many
     */
    void add(List<S> plain, List<Named<S>> byName) {
      TopicMatches.addAll(plain, always);
      TopicMatches.addAll(byName, named);
    }

    TopicMatches<S> build() {
      List<Choice<S>> choices = areFew() ? choices() : List.of();
      List<Named<S>> rest = choices.isEmpty() ? List.copyOf(named) : List.of();
      boolean isWhole =
          rest.isEmpty()
              && (choices.isEmpty() || (decidesByOne(choices) && always.size() <= FEW_ALWAYS));
      return new TopicMatches<>(
          List.copyOf(always), isWhole ? withAlways(choices) : choices, rest, isWhole);
    }

    private boolean decidesByOne(List<Choice<S>> choices) {
      return choices.stream().map(Choice::name).distinct().count() <= 1;
    }

    private List<Choice<S>> withAlways(List<Choice<S>> choices) {
      return choices.stream()
          .map(
              choice -> {
                List<S> all = new ArrayList<>(always);
                all.addAll(choice.wanting);
                return new Choice<>(choice.name, choice.text, List.copyOf(all));
              })
          .toList();
    }

    private boolean areFew() {
      int texts = 0;
      int wanting = 0;
      for (Named<S> each : named) {
        texts += each.byText.size();
        if (texts > FEW) {
          return false;
        }
        for (List<S> some : each.byText.values()) {
          wanting += some.size();
        }
      }
      return wanting <= FEW_WANTING;
    }

    private List<Choice<S>> choices() {
      List<Choice<S>> choices = new ArrayList<>(FEW);
      for (Named<S> each : named) {
        each.byText.forEach((text, wanting) -> join(choices, each.name, text, wanting));
      }
      // one attribute's together: it is read once
      choices.sort(Comparator.comparing(Choice::name));
      return List.copyOf(choices);
    }

    private static <S> void join(
        List<Choice<S>> choices, String name, String text, List<S> wanting) {
      for (int i = 0; i < choices.size(); i++) {
        Choice<S> known = choices.get(i);
        if (known.name.equals(name) && known.text.equals(text)) {
          List<S> all = new ArrayList<>(known.wanting);
          all.addAll(wanting);
          choices.set(i, new Choice<>(name, text, List.copyOf(all)));
          return;
        }
      }
      choices.add(new Choice<>(name, text, List.copyOf(wanting)));
    }
  }
}
