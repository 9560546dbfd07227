package dev.gatehouse.docs;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.PRIVATE;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNTHETIC;
import static com.tngtech.archunit.lang.conditions.ArchConditions.never;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Keeps what no room may do: no clock, charset, locale or static state that a caller cannot set.
 *
 * <p>Each ban is tried on {@link Offender} too, so that a rule that finds nothing is known to look.
 */
class HouseRulesTest {
  private static final JavaClasses OFFENDER = new ClassFileImporter().importClasses(Offender.class);

  private static final ArchCondition<JavaClass> READ_THE_MACHINES_CLOCK =
      access(
          "read the machine's clock",
          "java.lang.System.currentTimeMillis()",
          "java.time.Instant.now()",
          "java.time.LocalDate.now()",
          "java.time.LocalDate.now(java.time.ZoneId)",
          "java.time.LocalTime.now()",
          "java.time.LocalTime.now(java.time.ZoneId)",
          "java.time.LocalDateTime.now()",
          "java.time.LocalDateTime.now(java.time.ZoneId)",
          "java.time.OffsetDateTime.now()",
          "java.time.OffsetDateTime.now(java.time.ZoneId)",
          "java.time.ZonedDateTime.now()",
          "java.time.ZonedDateTime.now(java.time.ZoneId)",
          "java.time.Clock.systemUTC()",
          "java.time.Clock.systemDefaultZone()",
          "java.util.Date.<init>()",
          "java.util.Calendar.getInstance()");

  private static final ArchCondition<JavaClass> LEAN_ON_A_DEFAULT_CHARSET_OR_LOCALE =
      access(
          "lean on a default charset or locale",
          "java.lang.String.getBytes()",
          "java.lang.String.<init>([B)",
          "java.lang.String.<init>([B, int, int)",
          "java.lang.String.toLowerCase()",
          "java.lang.String.toUpperCase()",
          "java.lang.String.format(java.lang.String, [Ljava.lang.Object;)",
          "java.lang.String.formatted([Ljava.lang.Object;)",
          "java.io.ByteArrayOutputStream.toString()",
          "java.io.FileReader.<init>(java.io.File)",
          "java.io.FileReader.<init>(java.lang.String)",
          "java.io.FileWriter.<init>(java.io.File)",
          "java.io.FileWriter.<init>(java.lang.String)",
          "java.io.InputStreamReader.<init>(java.io.InputStream)",
          "java.io.OutputStreamWriter.<init>(java.io.OutputStream)",
          "java.io.PrintStream.format(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintStream.printf(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintWriter.format(java.lang.String, [Ljava.lang.Object;)",
          "java.io.PrintWriter.printf(java.lang.String, [Ljava.lang.Object;)",
          "java.net.URLDecoder.decode(java.lang.String)",
          "java.net.URLEncoder.encode(java.lang.String)",
          "java.nio.charset.Charset.defaultCharset()",
          "java.text.SimpleDateFormat.<init>(java.lang.String)",
          "java.time.format.DateTimeFormatter.ofPattern(java.lang.String)",
          "java.util.Locale.getDefault()",
          "java.util.Scanner.<init>(java.io.InputStream)");

  private static final ArchCondition<JavaClass> SLEEP =
      access(
          "sleep",
          "java.lang.Thread.sleep(long)",
          "java.lang.Thread.sleep(long, int)",
          "java.lang.Thread.sleep(java.time.Duration)",
          "java.util.concurrent.TimeUnit.sleep(long)");

  private static final ArchCondition<JavaClass> PRINT =
      access("print", "java.lang.System.out", "java.lang.System.err");

  /** Types that are there to be changed while the program runs. */
  private static final DescribedPredicate<JavaClass> HOLDS_CHANGING_STATE =
      resideInAnyPackage("java.util.concurrent.atomic..")
          .or(describe("concurrent maps", type -> assignable(type, "ConcurrentMap")))
          .or(describe("caches", type -> type.getName().endsWith(".caffeine.cache.Cache")));

  @Test
  void time_anyType_isInjected() {
    House.check(classes().should(never(READ_THE_MACHINES_CLOCK)));
    bites(READ_THE_MACHINES_CLOCK, "currentTimeMillis", "Instant.now", "Date.<init>");
  }

  @Test
  void text_anyType_namesCharsetAndLocale() {
    House.check(classes().should(never(LEAN_ON_A_DEFAULT_CHARSET_OR_LOCALE)));
    bites(
        LEAN_ON_A_DEFAULT_CHARSET_OR_LOCALE,
        "String.getBytes()",
        "String.<init>([B)",
        "toLowerCase()",
        "String.format(",
        "formatted(");
  }

  @Test
  void thread_anyType_neverSleeps() {
    House.check(classes().should(never(SLEEP)));
    bites(SLEEP, "Thread.sleep");
  }

  @Test
  void output_outsideCommandLine_goesToTheLog() {
    House.check(
        classes()
            .that(resideInAnyPackage("dev.gatehouse..").and(notIn("cli", "samples")))
            .should(never(PRINT)));
    House.check(noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging.."));
    bites(PRINT, "System.out");
  }

  @Test
  void staticField_anyType_neverChanges() {
    ArchRule rule = fields().that().areStatic().should(notChange());
    House.check(rule);
    assertThat(rule.evaluate(OFFENDER).getFailureReport().getDetails())
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).contains("counter"))
        .anySatisfy(line -> assertThat(line).contains("SHARED"))
        .anySatisfy(line -> assertThat(line).contains("COUNT"));
  }

  private static void bites(ArchCondition<JavaClass> ban, String... findings) {
    List<String> found =
        classes().should(never(ban)).evaluate(OFFENDER).getFailureReport().getDetails();
    assertThat(found).hasSizeGreaterThanOrEqualTo(findings.length);
    for (String finding : findings) {
      assertThat(found).anySatisfy(line -> assertThat(line).contains(finding));
    }
  }

  private static DescribedPredicate<JavaClass> notIn(String... rooms) {
    return DescribedPredicate.not(
        resideInAnyPackage(Arrays.stream(rooms).map(House::room).toArray(String[]::new)));
  }

  /** Calls, references such as {@code System::currentTimeMillis}, and reads of a field. */
  private static ArchCondition<JavaClass> access(String description, String... targets) {
    Set<String> banned =
        Arrays.stream(targets).map(HouseRulesTest::compact).collect(Collectors.toSet());
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (JavaAccess<?> access : type.getAccessesFromSelf()) {
          boolean found = banned.contains(compact(access.getTarget().getFullName()));
          events.add(new SimpleConditionEvent(type, found, access.getDescription()));
        }
      }
    };
  }

  private static String compact(String signature) {
    return signature.replace(" ", "");
  }

  private static ArchCondition<JavaField> notChange() {
    return new ArchCondition<>("not change") {
      @Override
      public void check(JavaField field, ConditionEvents events) {
        events.add(new SimpleConditionEvent(field, constant(field), field.getDescription()));
      }
    };
  }

  private static boolean constant(JavaField field) {
    Set<JavaModifier> modifiers = field.getModifiers();
    if (modifiers.contains(SYNTHETIC)) {
      return true;
    }
    if (!modifiers.contains(STATIC) || !modifiers.contains(FINAL)) {
      return false;
    }
    JavaClass type = field.getRawType();
    return !HOLDS_CHANGING_STATE.test(type) && (modifiers.contains(PRIVATE) || !mutable(type));
  }

  /** Arrays and the JDK's plain collections; a field typed {@code List} is trusted to be one. */
  private static boolean mutable(JavaClass type) {
    return type.isArray()
        || (!type.isInterface()
            && (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class)));
  }

  private static boolean assignable(JavaClass type, String simpleName) {
    return type.isAssignableTo("java.util.concurrent." + simpleName);
  }
}
