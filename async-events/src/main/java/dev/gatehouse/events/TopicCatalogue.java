package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All topics that a service has, and the policy and the document that follow from them.
 *
 * <p>With a catalogue, what is not declared cannot be published.
 */
public final class TopicCatalogue {
  private static final TopicDeclaration UNDECLARED = TopicDeclaration.of(">").build();
  private static final TopicCatalogue OPEN = new TopicCatalogue(List.of());

  private final List<TopicDeclaration> declarations;
  private final boolean audits;
  private final TopicTrie<TopicDeclaration> trie = new TopicTrie<>();

  private TopicCatalogue(List<TopicDeclaration> declarations) {
    this.declarations = List.copyOf(declarations);
    this.audits = declarations.stream().anyMatch(TopicDeclaration::isAudited);
    for (TopicDeclaration each : declarations) {
      if (trie.at(each.topics(), () -> each) != each) {
        throw new IllegalArgumentException("topics '" + each.topics() + "' are declared twice");
      }
    }
  }

  /**
   * The topics of a service.
   *
   * @throws IllegalArgumentException if there is none, or one pattern is declared twice
   */
  public static TopicCatalogue of(TopicDeclaration... declarations) {
    if (declarations.length == 0) {
      throw new IllegalArgumentException("a catalogue declares at least one topic");
    }
    return new TopicCatalogue(Arrays.asList(declarations));
  }

  /** No declarations: every topic may be published, and has what is usual. */
  static TopicCatalogue open() {
    return OPEN;
  }

  /** The declarations, as given; unmodifiable. */
  public List<TopicDeclaration> declarations() {
    return declarations;
  }

  /** The most specific declaration that has the topic. */
  public Optional<TopicDeclaration> find(Topic topic) {
    List<TopicDeclaration> found = new ArrayList<>(2);
    trie.match(topic, found::add);
    return found.stream().max(Comparator.comparingInt(each -> each.topics().specificity()));
  }

  /** The declaration of the topic, or what is usual. */
  TopicDeclaration of(Topic topic) {
    return declarations.isEmpty() ? UNDECLARED : find(topic).orElse(UNDECLARED);
  }

  /** Whether its deliveries are recorded; asked for each of them, so most often at once. */
  boolean isAudited(Topic topic) {
    return audits && of(topic).isAudited();
  }

  /** Whether an event of the topic may be published. */
  boolean has(Topic topic) {
    return declarations.isEmpty() || find(topic).isPresent();
  }

  /**
   * The policy that the declarations describe: a principal may subscribe to topics that lie within
   * those of one declaration whose scopes it has; it sees an event if it has the scopes of the most
   * specific declaration of the event's topic, without the fields for which it lacks the scope.
   * What is not declared is not seen.
   */
  public EventPolicy policy() {
    return new EventPolicy() {
      @Override
      public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
        boolean may =
            declarations.stream()
                .anyMatch(each -> each.topics().covers(topics) && each.admits(principal));
        return Future.succeededFuture(may ? Decision.allow() : forbidden());
      }

      @Override
      public Decision maySee(Principal principal, EventFacts event) {
        boolean may =
            find(Topic.of(event.topic())).filter(each -> each.admits(principal)).isPresent();
        return may ? Decision.allow() : forbidden();
      }

      @Override
      public Mask mask(Principal principal, EventFacts event) {
        return find(Topic.of(event.topic()))
            .map(each -> each.maskFor(principal))
            .orElse(Mask.none());
      }
    };
  }

  private static Decision forbidden() {
    return Decision.deny("forbidden", "these topics are not for this principal");
  }
}
