package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of policies, and everything that they may know of an operation; what they read of
 * it is noted, so that an answer is kept for nobody of whom it would read something else.
 */
public final class PolicyQuestion {
  private final Set<String> policies;
  private final Facts facts;
  private final Map<Read, Object> reads = new ConcurrentHashMap<>();
  private final Set<String> broken = ConcurrentHashMap.newKeySet();

  PolicyQuestion(Set<String> policies, Facts facts) {
    this.policies = Set.copyOf(policies);
    this.facts = facts;
  }

  /** What there is to be read. */
  record Facts(
      Optional<Principal> caller,
      String operationKind,
      String operationName,
      Map<String, ?> variables) {

    /** What a reading finds; copied, for whoever runs the operation may change it. */
    Object read(Read read) {
      return switch (read.what) {
        case SCOPES -> caller.<Object>map(Principal::scopes).orElse(Set.of());
        case CLAIM ->
            caller
                .map(c -> Optional.ofNullable(c.claims().get(read.name)))
                .orElse(Optional.empty());
        case CLAIMS -> caller.<Object>map(Principal::claims).orElse(Map.of());
        case VARIABLE -> Optional.ofNullable(copied(variables.get(read.name)));
        case VARIABLES -> Optional.ofNullable(copied(variables));
        case OPERATION -> List.of(operationKind, operationName);
      };
    }
  }

  /** What can be read, and of which name. */
  record Read(What what, String name) {
    enum What {
      SCOPES,
      CLAIM,
      CLAIMS,
      VARIABLE,
      VARIABLES,
      OPERATION
    }
  }

  private Object read(Read.What what, String name) {
    return reads.computeIfAbsent(new Read(what, name), facts::read);
  }

  /** The names to decide. */
  public Set<String> policies() {
    return policies;
  }

  /** Whether the caller is known; who it is and for which tenant always counts as read. */
  public boolean isAuthenticated() {
    return facts.caller.isPresent();
  }

  /** The caller's id within its kind. */
  public Optional<String> id() {
    return facts.caller.map(Principal::id);
  }

  /** What kind of caller it is. */
  public Optional<Principal.Kind> kind() {
    return facts.caller.map(Principal::kind);
  }

  /** The caller's tenant. */
  public Optional<TenantId> tenant() {
    return facts.caller.flatMap(Principal::tenant);
  }

  /** What the caller's credential grants. */
  @SuppressWarnings("unchecked") // as it was put there
  public Set<String> scopes() {
    return (Set<String>) read(Read.What.SCOPES, "");
  }

  /** One verified statement about the caller. */
  @SuppressWarnings("unchecked") // as it was put there
  public Optional<String> claim(String name) {
    return (Optional<String>) read(Read.What.CLAIM, name);
  }

  /** All verified statements about the caller. */
  @SuppressWarnings("unchecked") // as it was put there
  public Map<String, String> claims() {
    return (Map<String, String>) read(Read.What.CLAIMS, "");
  }

  /** A variable's coerced value, copied; empty where it has none, or null. */
  @SuppressWarnings("unchecked") // as it was put there
  public Optional<Object> variable(String name) {
    return (Optional<Object>) read(Read.What.VARIABLE, name);
  }

  /** All variables. */
  @SuppressWarnings("unchecked") // as it was put there
  public Map<String, Object> variables() {
    return ((Optional<Map<String, Object>>) read(Read.What.VARIABLES, "")).orElse(Map.of());
  }

  /** {@code query}, {@code mutation} or {@code subscription}. */
  public String operationKind() {
    return (String) ((List<?>) read(Read.What.OPERATION, "")).get(0);
  }

  /** The operation's name; empty if it has none. A caller may call it what it likes. */
  public String operationName() {
    return (String) ((List<?>) read(Read.What.OPERATION, "")).get(1);
  }

  /** Says that a policy could not be decided: it is denied, and the audit says broken. */
  public void broken(String policy) {
    broken.add(policy);
  }

  Set<String> broken() {
    return broken;
  }

  /** What was read so far. */
  Map<Read, Object> reads() {
    return Map.copyOf(reads);
  }

  private static @Nullable Object copied(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((key, each) -> copy.put(key, copied(each)));
      return Collections.unmodifiableMap(copy);
    }
    if (value instanceof Iterable<?> list) {
      List<@Nullable Object> copy = new ArrayList<>();
      list.forEach(each -> copy.add(copied(each)));
      return Collections.unmodifiableList(copy);
    }
    return value;
  }

  /** What these readings find now. */
  static Map<Read, Object> reread(Set<Read> reads, Facts facts) {
    Map<Read, Object> found = new HashMap<>();
    reads.forEach(read -> found.put(read, facts.read(read)));
    return found;
  }
}
