package dev.gatehouse.graphql.reference;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The published cost cases, which stand beside the project or where {@code GATEHOUSE_CONFORMANCE}
 * says. Without them a test is skipped, with the reason.
 */
public final class Conformance {
  private static final String VARIABLE = "GATEHOUSE_CONFORMANCE";

  private Conformance() {}

  /**
   * A published case.
   *
   * @param id its name
   * @param sdl the schema
   * @param operation the document
   * @param operationName the operation of it; null for the only one
   * @param variables as sent; null for a bound without them
   * @param defaultListSize what an unsized list counts as
   * @param typeCost the type cost that is right
   * @param fieldCost the field cost that is right
   */
  public record Case(
      String id,
      String sdl,
      String operation,
      String operationName,
      Map<String, Object> variables,
      double defaultListSize,
      double typeCost,
      double fieldCost) {
    @Override
    public String toString() {
      return id;
    }
  }

  /** All cases; where there are none, the test that asks is skipped. */
  public static Stream<Case> costCases() {
    String named = System.getenv(VARIABLE);
    Path folder =
        named == null ? project().resolve("../shared/conformance").normalize() : Path.of(named);
    Path file = folder.resolve("graphql/cost-cases.json");
    Assumptions.assumeTrue(
        Files.isRegularFile(file),
        "no conformance data: " + file + " is not there; " + VARIABLE + " names another folder");
    try {
      return new JsonArray(Files.readString(file)).stream().map(each -> of((JsonObject) each));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Case of(JsonObject json) {
    JsonObject variables = json.getJsonObject("variables");
    JsonObject expected = json.getJsonObject("expected");
    return new Case(
        json.getString("id"),
        json.getString("sdl"),
        json.getString("operation"),
        json.getString("operationName"),
        variables == null ? null : variables.getMap(),
        number(json.getValue("defaultListSize")),
        number(expected.getValue("typeCost")),
        number(expected.getValue("fieldCost")));
  }

  private static double number(Object value) {
    return value instanceof Number number
        ? number.doubleValue()
        : Double.parseDouble(String.valueOf(value));
  }

  private static Path project() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.exists(at.resolve("mvnw"))) {
      at = at.getParent();
    }
    return at == null ? Path.of("").toAbsolutePath() : at;
  }
}
