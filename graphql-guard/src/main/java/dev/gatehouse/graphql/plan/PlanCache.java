package dev.gatehouse.graphql.plan;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import graphql.language.Document;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The plans of one schema's documents, each kept as long as the very document it was made from, and
 * no longer than the cache's weight allows.
 *
 * <p>The key is the document that will be executed, by identity: not its text, for what a request
 * sends as text may be the mark of a persisted query. No limit and no refusal is kept here.
 */
public final class PlanCache {
  private static final int MAX_OPERATIONS = 16;

  private final PlanCompiler compiler;
  private final Cache<Document, Map<String, DocumentPlan>> plans;

  /**
   * A cache.
   *
   * @param maxWeight the steps that it took to make all plans in it; a step keeps about 100 bytes
   */
  public PlanCache(PlanCompiler compiler, long maxWeight) {
    this.compiler = compiler;
    this.plans =
        Caffeine.newBuilder()
            .weakKeys()
            .maximumWeight(maxWeight)
            .weigher((Document document, Map<String, DocumentPlan> made) -> weight(made))
            .executor(Runnable::run)
            .build();
  }

  private static int weight(Map<String, DocumentPlan> plans) {
    long sum = 0;
    for (DocumentPlan plan : plans.values()) {
      sum += plan.weight();
    }
    return (int) Math.min(Integer.MAX_VALUE, sum);
  }

  /** What makes the plans. */
  public PlanCompiler compiler() {
    return compiler;
  }

  /**
   * The plan of one operation of a valid document.
   *
   * @throws BudgetExceededException as {@link PlanCompiler#compile} does; this is not remembered
   * @throws InvalidDocumentException likewise
   */
  public DocumentPlan plan(Document document, @Nullable String operationName) {
    String name = operationName == null ? "" : operationName;
    Map<String, DocumentPlan> known = plans.getIfPresent(document);
    DocumentPlan found = known == null ? null : known.get(name);
    if (found != null) {
      return found;
    }
    DocumentPlan made = compiler.compile(document, operationName);
    plans.asMap().merge(document, Map.of(name, made), PlanCache::with);
    return made;
  }

  private static Map<String, DocumentPlan> with(
      Map<String, DocumentPlan> known, Map<String, DocumentPlan> added) {
    if (known.size() >= MAX_OPERATIONS) {
      return known;
    }
    Map<String, DocumentPlan> all = new HashMap<>(known);
    all.putAll(added);
    return Map.copyOf(all);
  }
}
