package dev.gatehouse.docs;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

/** The classes that are shipped, and a way to hold a rule against them. */
final class House {
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.gatehouse");

  private House() {}

  /** Checks a rule; a room that is still empty keeps it. */
  static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }

  /** The packages of a room. */
  static String room(String name) {
    return "dev.gatehouse." + name + "..";
  }
}
