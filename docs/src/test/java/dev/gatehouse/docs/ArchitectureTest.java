package dev.gatehouse.docs;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.conditions.ArchConditions.never;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.gatehouse.core.Principal;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Keeps the arrows of the house: which room may lean on which. */
class ArchitectureTest {

  /** A room, and the rooms it may know. What is not named is not allowed. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "core", Set.of(),
          "webhook", Set.of("core"),
          "graphql", Set.of("core"),
          "events", Set.of("core"),
          "redis", Set.of("core", "webhook", "graphql", "events"),
          "kafka", Set.of("core", "events"),
          "receiver", Set.of("core", "webhook", "redis"),
          "testkit", Set.of("core", "webhook", "graphql", "events"),
          "cli", Set.of("core", "webhook", "graphql", "events", "redis", "kafka", "receiver"),
          "samples", Set.of("core", "webhook", "graphql", "events", "redis", "kafka", "receiver"));

  @TestFactory
  Stream<DynamicTest> room_anyDependency_followsAnArrow() {
    return ARROWS.keySet().stream()
        .sorted()
        .map(room -> DynamicTest.dynamicTest(room, () -> House.check(arrowsFrom(room))));
  }

  @Test
  void house_anyPackage_isARoomOnThePlan() {
    assertThat(House.CLASSES).isNotEmpty();
    assertThat(House.CLASSES.stream().map(ArchitectureTest::name)).isSubsetOf(ARROWS.keySet());
  }

  @Test
  void core_anyType_knowsNoDoorsTechnology() {
    House.check(
        noClasses()
            .that(resideInAPackage(House.room("core")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.vertx.ext.web..",
                "com.fasterxml.jackson.databind..",
                "graphql..",
                "io.lettuce..",
                "java.sql.."));
  }

  /** Keys are published over HTTP, and a User is Vert.x's: that is for one package to know. */
  @Test
  void core_outsideTokens_knowsNeitherHttpNorUsers() {
    House.check(
        noClasses()
            .that(
                resideInAPackage(House.room("core"))
                    .and(DescribedPredicate.not(resideInAPackage(House.room("core.jwt")))))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx.core.http..", "io.vertx.ext.."));
  }

  /** Whoever else could make a principal could be anybody. */
  @Test
  void principal_ofACaller_isVouchedForByVerifiersAlone() {
    House.check(
        noClasses()
            .that(
                DescribedPredicate.not(
                    nameMatching(
                        "dev\\.gatehouse\\.(core\\.Principal"
                            + "|core\\.jwt\\.(ClaimRules|CertificatePrincipals)"
                            + "|samples\\.tenantevents\\.Visitors"
                            + "|webhook\\.VerifiedWebhook)(\\$.*)?")))
            .should()
            .callMethod(
                Principal.class, "vouchedBy", String.class, Principal.Kind.class, String.class));
  }

  @Test
  void samples_anySample_standsAlone() {
    House.check(slices().matching("dev.gatehouse.samples.(*)..").should().notDependOnEachOther());
  }

  @Test
  void package_withPublicTypes_isNullMarked() {
    House.check(classes().that().arePublic().should(beNullMarked()));
  }

  private static ArchRule arrowsFrom(String room) {
    String[] known =
        Stream.concat(Stream.of(room), ARROWS.get(room).stream())
            .map(House::room)
            .toArray(String[]::new);
    DescribedPredicate<JavaClass> unknown =
        resideInAPackage("dev.gatehouse..")
            .and(DescribedPredicate.not(resideInAnyPackage(known)))
            .as("rooms other than %s", String.join(", ", known));
    return classes()
        .that(resideInAPackage(House.room(room)))
        .should(never(dependOnClassesThat(unknown)));
  }

  private static String name(JavaClass type) {
    return type.getPackageName().split("\\.", -1)[2];
  }

  private static ArchCondition<JavaClass> beNullMarked() {
    return new ArchCondition<>("be in a package that is @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked = type.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked");
        events.add(new SimpleConditionEvent(type, marked, type.getDescription()));
      }
    };
  }
}
