package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** The compatibility kit of Reactive Streams 1.0.4, each of its tests as one of ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EventPublisherTckTest {
  private static final long PATIENCE_MILLIS = 10_000;
  private static final long SILENCE_MILLIS = 50;
  // The kit looks for an expected error once, after this time.
  private static final long ERROR_MILLIS = 2_000;
  private static final long CANCEL_MILLIS = 500;

  private final Vertx vertx = Vertx.vertx();
  private final EventHub hub =
      EventHub.builder(vertx)
          .policy(EventPolicy.everyoneOfTheTenant())
          .limits(EventLimits.builder().connections(1_000, 1_000, 1_000).build())
          .topics(TopicCatalogue.of(TopicDeclaration.of("tck").dropOldest().build()))
          .build();
  // Events for whoever is subscribed, for as long as the tests run.
  private final long source =
      vertx.setPeriodic(
          1, tick -> hub.publish(Event.of(Callers.ACME, "tck", new JsonObject().put("n", 1))));

  @AfterAll
  void close() {
    vertx.cancelTimer(source);
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  /** A live stream has no end of its own. */
  private final class Verification extends PublisherVerification<EventView> {
    Verification() {
      super(new TestEnvironment(PATIENCE_MILLIS, SILENCE_MILLIS, ERROR_MILLIS), CANCEL_MILLIS);
    }

    @Override
    public long maxElementsFromPublisher() {
      return publisherUnableToSignalOnComplete();
    }

    @Override
    public Publisher<EventView> createPublisher(long elements) {
      return EventPublisher.of(hub, Callers.of(Callers.ACME, "tck"), SubscriptionRequest.of("tck"))
          .events();
    }

    @Override
    public Publisher<EventView> createFailedPublisher() {
      Publisher<EventView> refused =
          EventPublisher.of(hub, Callers.user("nobody").build(), SubscriptionRequest.of("tck"))
              .events();
      return (Subscriber<? super EventView> subscriber) -> refused.subscribe(subscriber);
    }
  }

  @TestFactory
  Stream<DynamicTest> rule_ofReactiveStreams_holds() {
    Method[] all = PublisherVerification.class.getMethods();
    assertThat(Arrays.stream(all).filter(EventPublisherTckTest::isRule)).hasSizeGreaterThan(30);
    return Arrays.stream(all)
        .filter(EventPublisherTckTest::isRule)
        .sorted(Comparator.comparing(Method::getName))
        .map(rule -> DynamicTest.dynamicTest(rule.getName(), () -> check(rule)));
  }

  private static boolean isRule(Method method) {
    return method.isAnnotationPresent(Test.class);
  }

  private void check(Method rule) throws Throwable {
    Verification verification = new Verification();
    verification.setUp();
    try {
      rule.invoke(verification);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SkipException skipped) {
        Assumptions.abort(skipped.getMessage());
      }
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
