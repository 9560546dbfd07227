package dev.gatehouse.graphql.access;

import graphql.execution.DataFetcherResult;

/**
 * Events of a subscription that are executed once for all who ask the same of them, instead of once
 * for each subscriber.
 *
 * <pre>{@code
 * Function<EventView, DataFetcherResult<Order>> shared = event -> SharedEvents.of(order(event));
 * DataFetcher<Publisher<DataFetcherResult<Order>>> orderChanged = env ->
 *     EventPublisher.of(hub, principalOf(env), SubscriptionRequest.of("orders.*"))
 *         .map(event -> event.once(shared));
 * }</pre>
 *
 * <p>Whoever makes such an event declares that what is selected of it depends on the event and on
 * the arguments that are written there, and on nothing of the subscriber: no data fetcher below the
 * root reads the caller, the request's context or its data loaders, or does anything but read. The
 * guard cannot know that. What it does know it sees to: each subscriber is decided on anew at each
 * event, as always; and an answer is shared only
 *
 * <ul>
 *   <li>between subscribers that got this very object, of one tenant (or of none), with the same
 *       document (as the guard keeps them, or another provider of documents), equal variables and
 *       locale, under the same version of the rules;
 *   <li>where nothing that was asked for is refused, and nothing of it depends on the caller by a
 *       rule: no object rule, mask or rule on the values of an enum is among what is selected;
 *   <li>where it has no errors and no extensions, and nothing is counted of the execution;
 *   <li>where no other instrumentation stands between the guard and the source of the events, or
 *       between the guard and the engine's answers.
 * </ul>
 *
 * <p>Otherwise the event is executed for its subscriber alone, as it is on a server without the
 * guard. Whoever comes while the first is still executing waits for it; where that one fails, its
 * subscriber leaves, or it takes longer than five seconds, each executes for itself. Other
 * instrumentation sees the executions that there are, not one for each subscriber. Whoever gets an
 * answer must not change it.
 *
 * <p>The mark lies in the result's local context, and in no other way does it show.
 */
public final class SharedEvents {
  private SharedEvents() {}

  /**
   * An event to be handed to several subscribers. Make one for each event: the same object twice
   * would be answered as it was the first time.
   */
  public static <T> DataFetcherResult<T> of(T payload) {
    return DataFetcherResult.<T>newResult().data(payload).localContext(new SharedAnswers()).build();
  }
}
