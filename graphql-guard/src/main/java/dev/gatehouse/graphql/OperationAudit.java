package dev.gatehouse.graphql;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditEvent.Outcome;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.Authorization;
import dev.gatehouse.graphql.access.AuthorizedOperation;
import dev.gatehouse.graphql.cost.ActualCost;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQLError;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes one record an operation: what it was, whose, what it was estimated at and came to, and
 * what of it was refused. Neither its text nor its variables.
 */
final class OperationAudit {
  private final AuditSink sink;
  private final InstantSource clock;
  private final boolean isOn;

  OperationAudit(@Nullable AuditSink sink, InstantSource clock) {
    this.sink = sink == null ? AuditSink.none() : sink.guarded();
    this.clock = clock;
    this.isOn = sink != null;
  }

  void record(ExecutionInput input, ExecutionResult result, GuardedRequest request) {
    if (!isOn || !request.isFirstRecord()) {
      return;
    }
    AuthorizedOperation access = request.access();
    String code = code(result, access);
    Outcome outcome = outcome(result, access);
    if (!sink.records(outcome)) {
      return;
    }
    AuditEvent.Builder event =
        AuditEvent.of(clock.instant(), "graphql", "execute", outcome, code)
            .detail("document", hash(input.getQuery()));
    if (input.getOperationName() != null) {
      event.detail("operation", input.getOperationName());
    }
    Optional<Principal> caller = Authorization.caller(input.getGraphQLContext(), clock);
    caller.ifPresent(who -> event.subject(who.id()).tenant(who.tenant().orElse(null)));
    cost(event, request);
    if (access != null) {
      access(event, access);
    }
    sink.record(event.build());
  }

  private static void cost(AuditEvent.Builder event, GuardedRequest request) {
    if (!Double.isNaN(request.estimate())) {
      event.detail("estimate", String.valueOf(Numbers.json(request.estimate())));
    }
    ActualCost actual = request.actual();
    if (actual != null) {
      event.detail("actual", String.valueOf(Numbers.json(actual.charge())));
    }
  }

  private static void access(AuditEvent.Builder event, AuthorizedOperation access) {
    if (!access.refused().isEmpty()) {
      event.detail("refused", listed(access.refused()));
    }
    if (!access.observed().isEmpty()) {
      event.detail("observed", listed(access.observed()));
    }
    if (access.hiddenObjects() > 0) {
      event.detail("hidden", String.valueOf(access.hiddenObjects()));
    }
    event.detail("mode", access.observed().isEmpty() ? "enforce" : "observe");
    if (!access.version().isEmpty()) {
      event.detail("policy", access.version());
    }
  }

  private static String listed(java.util.Set<String> coordinates) {
    return String.join(" ", coordinates.stream().sorted().toList());
  }

  private static Outcome outcome(ExecutionResult result, @Nullable AuthorizedOperation access) {
    if (access != null && access.isBroken()) {
      return Outcome.BROKEN;
    }
    boolean isRefused = !result.isDataPresent() && !result.getErrors().isEmpty();
    boolean isRefusedInPart = access != null && !access.refused().isEmpty();
    return isRefused || isRefusedInPart ? Outcome.DENIED : Outcome.ALLOWED;
  }

  private static String code(ExecutionResult result, @Nullable AuthorizedOperation access) {
    List<GraphQLError> errors = result.getErrors();
    if (!result.isDataPresent() && !errors.isEmpty()) {
      Object code =
          errors.get(0).getExtensions() == null ? null : errors.get(0).getExtensions().get("code");
      return code == null ? "invalid" : String.valueOf(code).toLowerCase(Locale.ROOT);
    }
    return access != null && !access.refused().isEmpty() ? "refused_in_part" : "ok";
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
