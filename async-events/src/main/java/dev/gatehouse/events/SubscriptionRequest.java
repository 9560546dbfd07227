package dev.gatehouse.events;

import dev.gatehouse.events.filter.Filter;
import java.util.Optional;

/**
 * What a subscriber asks for, of its own tenant's events.
 *
 * @param topics the topics
 * @param filter which of their events
 * @param cursor where to resume, as the client sent it; not trusted in any way
 */
public record SubscriptionRequest(TopicPattern topics, Filter filter, Optional<String> cursor) {
  /** All events of these topics, from now on. */
  public static SubscriptionRequest of(TopicPattern topics) {
    return new SubscriptionRequest(topics, Filter.all(), Optional.empty());
  }

  /** All events of these topics, from now on. */
  public static SubscriptionRequest of(String topics) {
    return of(TopicPattern.of(topics));
  }

  /** The same, of events that pass the filter. */
  public SubscriptionRequest filtered(Filter by) {
    return new SubscriptionRequest(topics, by, cursor);
  }

  /** The same, beginning behind the cursor. */
  public SubscriptionRequest from(String resumeAt) {
    return new SubscriptionRequest(topics, filter, Optional.of(resumeAt));
  }
}
