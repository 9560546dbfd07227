package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TopicTest {
  private static final List<String> WORDS = List.of("a", "b", "aa", "orders");

  private static Topic topic(Random random) {
    return Topic.of(words(random, 1 + random.nextInt(4)));
  }

  private static String words(Random random, int count) {
    return String.join(
        ".", IntStream.range(0, count).mapToObj(i -> WORDS.get(random.nextInt(4))).toList());
  }

  private static TopicPattern pattern(Random random) {
    List<String> segments =
        new ArrayList<>(List.of(words(random, 1 + random.nextInt(4)).split("\\.", -1)));
    if (random.nextInt(2) == 0) {
      segments.set(random.nextInt(segments.size()), "*");
    }
    if (random.nextInt(3) == 0) {
      segments.set(segments.size() - 1, ">");
    }
    return TopicPattern.of(String.join(".", segments));
  }

  /** The same as a regular expression, which the code under test has none of. */
  private static boolean has(TopicPattern pattern, Topic topic) {
    String regex = pattern.text().replace(".", "\\.").replace("*", "[^.]+").replace(">", ".+");
    return Pattern.matches(regex, topic.name());
  }

  @Test
  void pattern_anyTopic_matchesAsItsExpressionDoes() {
    Random random = new Random(1);
    int hits = 0;
    for (int i = 0; i < 50_000; i++) {
      TopicPattern pattern = pattern(random);
      Topic topic = topic(random);
      assertThat(pattern.matches(topic)).as("%s %s", pattern, topic).isEqualTo(has(pattern, topic));
      hits += pattern.matches(topic) ? 1 : 0;
    }
    assertThat(hits).isGreaterThan(2_000);
  }

  @Test
  void covers_anyTwoPatterns_isTrueOnlyIfEachTopicOfOneIsOfTheOther() {
    Random random = new Random(2);
    List<Topic> topics = IntStream.range(0, 2_000).mapToObj(i -> topic(random)).toList();
    int covered = 0;
    for (int i = 0; i < 3_000; i++) {
      TopicPattern one = pattern(random);
      TopicPattern other = pattern(random);
      boolean subset = topics.stream().filter(other::matches).allMatch(one::matches);
      boolean met = topics.stream().anyMatch(other::matches);
      if (one.covers(other)) {
        assertThat(subset).as("%s covers %s", one, other).isTrue();
        covered++;
      } else if (met && one.segments().size() <= 3 && other.segments().size() <= 3) {
        // With four words there is a topic that tells them apart, in so small an alphabet.
        assertThat(subset).as("%s does not cover %s", one, other).isFalse();
      }
    }
    assertThat(covered).isGreaterThan(100);
  }

  /** Random additions, removals and look-ups, held against a list that is gone through. */
  @Test
  void trie_anyUse_findsWhatAListWouldFind() {
    Random random = new Random(3);
    for (int round = 0; round < 100; round++) {
      TopicTrie<TopicPattern> trie = new TopicTrie<>();
      Map<String, TopicPattern> list = new HashMap<>();
      for (int step = 0; step < 200; step++) {
        TopicPattern pattern = pattern(random);
        if (random.nextInt(3) == 0) {
          trie.remove(pattern);
          list.remove(pattern.text());
        } else {
          trie.at(pattern, () -> pattern);
          list.putIfAbsent(pattern.text(), pattern);
        }
        Topic topic = topic(random);
        List<TopicPattern> found = new ArrayList<>();
        trie.match(topic, found::add);
        assertThat(found)
            .containsExactlyInAnyOrderElementsOf(
                list.values().stream().filter(each -> has(each, topic)).toList());
      }
      new ArrayList<>(list.values()).forEach(trie::remove);
      assertThat(trie.isEmpty()).isTrue();
    }
  }

  @Test
  void specificity_ofTwoPatternsWithOneTopic_prefersTheNarrower() {
    List<String> narrowing = List.of(">", "*.>", "orders.>", "orders.*", "orders.paid");
    for (int i = 1; i < narrowing.size(); i++) {
      assertThat(TopicPattern.of(narrowing.get(i)).specificity())
          .as(narrowing.get(i))
          .isGreaterThan(TopicPattern.of(narrowing.get(i - 1)).specificity());
    }
  }
}
