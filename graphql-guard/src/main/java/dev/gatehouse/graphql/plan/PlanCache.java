package dev.gatehouse.graphql.plan;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import graphql.language.Document;
import graphql.language.OperationDefinition;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The plans of one schema's documents, each kept as long as the very document it was made from, and
 * no longer than the cache's weight allows.
 *
 * <p>The key is the document that will be executed, by identity: not its text, for what a request
 * sends as text may be the mark of a persisted query. No limit is kept here, and no refusal but
 * that a document is too entangled for anyone.
 */
public final class PlanCache {
  private static final int MAX_OPERATIONS = 16;
  private static final int MAX_TOO_LARGE = 1_000;

  private final PlanCompiler compiler;
  private final Cache<Document, Map<String, DocumentPlan>> plans;
  private final Cache<Document, Map<String, DocumentCounts>> tooLarge;

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
    this.tooLarge =
        Caffeine.newBuilder().weakKeys().maximumSize(MAX_TOO_LARGE).executor(Runnable::run).build();
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
   * @throws BudgetExceededException as {@link PlanCompiler#compile} does; it is remembered that it
   *     would
   * @throws InvalidDocumentException likewise; this is not remembered
   */
  public DocumentPlan plan(Document document, @Nullable String operationName) {
    return plan(document, operationName, counts -> {});
  }

  /**
   * The same, where there is no plan yet only if what is counted first passes.
   *
   * @param first throws if the document must not be worked out for this caller, which costs more
   *     than to count
   */
  public DocumentPlan plan(
      Document document, @Nullable String operationName, Consumer<DocumentCounts> first) {
    String name = operationName == null ? "" : operationName;
    Map<String, DocumentPlan> known = plans.getIfPresent(document);
    DocumentPlan found = known == null ? null : known.get(name);
    return found == null ? made(document, name, first) : found;
  }

  private DocumentPlan made(Document document, String name, Consumer<DocumentCounts> first) {
    Map<String, DocumentCounts> refused = tooLarge.getIfPresent(document);
    DocumentCounts known = refused == null ? null : refused.get(name);
    if (known != null) {
      first.accept(known);
      throw new BudgetExceededException("the document is too entangled: its analysis was given up");
    }
    OperationDefinition operation = PlanCompiler.operation(document, name);
    DocumentCounts counts = DocumentCounts.of(document, operation);
    first.accept(counts);
    try {
      DocumentPlan made = compiler.compile(document, operation, counts);
      plans.asMap().merge(document, Map.of(name, made), PlanCache::with);
      return made;
    } catch (BudgetExceededException e) {
      tooLarge.asMap().merge(document, Map.of(name, counts), PlanCache::with);
      throw e;
    }
  }

  private static <T> Map<String, T> with(Map<String, T> known, Map<String, T> added) {
    if (known.size() >= MAX_OPERATIONS) {
      return known;
    }
    Map<String, T> all = new HashMap<>(known);
    all.putAll(added);
    return Map.copyOf(all);
  }
}
