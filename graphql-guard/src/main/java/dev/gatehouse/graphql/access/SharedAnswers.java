package dev.gatehouse.graphql.access;

import dev.gatehouse.core.TenantId;
import graphql.execution.DataFetcherResult;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The answers to one event, by what was asked: each from the subscriber that came first, for those
 * that come after. Lives as long as its event.
 */
final class SharedAnswers {
  /** So many different answers are kept of an event; who asks anything else shares nothing. */
  static final int MOST = 64;

  private final Map<Asked, CompletableFuture<Optional<SharedAnswer>>> answers =
      new ConcurrentHashMap<>();

  /** Everything that an answer depends on beside its event. */
  static final class Asked {
    private final AccessPlan plan;
    private final Map<String, Object> variables;
    private final Optional<TenantId> tenant;
    private final Locale locale;
    private final int hash;

    Asked(
        AccessPlan plan, Map<String, Object> variables, Optional<TenantId> tenant, Locale locale) {
      this.plan = plan;
      this.variables = variables;
      this.tenant = tenant;
      this.locale = locale;
      this.hash = 31 * System.identityHashCode(plan) + variables.hashCode();
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a plan is of one document, under one set of rules
    public boolean equals(@Nullable Object other) {
      return other instanceof Asked asked
          && plan == asked.plan
          && tenant.equals(asked.tenant)
          && variables.equals(asked.variables)
          && locale.equals(asked.locale);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /** Those of an event that may be shared; null for any other. */
  static @Nullable SharedAnswers of(Object event) {
    return event instanceof DataFetcherResult<?> result
            && result.getLocalContext() instanceof SharedAnswers known
            && !result.hasErrors()
            && result.getExtensions() == null
        ? known
        : null;
  }

  /**
   * The answer, when it comes, of whoever asked that first; null where nobody did. Empty where it
   * is not to be shared.
   */
  @Nullable CompletableFuture<Optional<SharedAnswer>> known(Asked asked) {
    return answers.get(asked);
  }

  /** The same, and where nobody asked yet, keeps what is given, which its giver must complete. */
  @Nullable CompletableFuture<Optional<SharedAnswer>> knownOr(
      Asked asked, CompletableFuture<Optional<SharedAnswer>> own) {
    return answers.size() >= MOST ? null : answers.putIfAbsent(asked, own);
  }
}
