// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.dist;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.freshet.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The arrows of the design's section 2, for all modules at once.
class ArchitectureTest {
  /// Far fewer would mean that the importer looked in the wrong place and the rules pass on
  /// nothing.
  private static final int CLASSES_MIN = 120;

  private static final String[] PROTOCOL = {"io.freshet.protocol.."};
  private static final String[] SPI = {"io.freshet.spi.."};
  private static final String[] ENGINE = {"io.freshet.engine.."};
  private static final String[] SERVER = {"io.freshet.server.."};
  private static final String[] STORES = {"io.freshet.backends.."};
  private static final String[] SOURCES = {"io.freshet.sources.."};

  private static final String[] CLIENT = {"io.freshet.client.."};

  private static JavaClasses freshet;

  @BeforeAll
  static void read() {
    freshet =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.freshet");
  }

  @Test
  void seesTheWholeProject() {
    assertTrue(freshet.size() >= CLASSES_MIN, "only " + freshet.size() + " classes seen");
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.freshet.(**)").should().beFreeOfCycles().check(freshet);
  }

  @Test
  void protocolKnowsNothingOfTheRest() {
    noClasses()
        .that()
        .resideInAnyPackage(PROTOCOL)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.freshet..").and(resideInAnyPackage(PROTOCOL).negate()))
        .check(freshet);
  }

  @Test
  void spiKnowsProtocolOnly() {
    onlyKnow(SPI, PROTOCOL);
  }

  @Test
  void engineKnowsSpiAndProtocolOnly() {
    onlyKnow(ENGINE, SPI, PROTOCOL);
  }

  @Test
  void storesKnowSpiAndProtocolOnly() {
    onlyKnow(STORES, SPI, PROTOCOL);
  }

  @Test
  void sourcesKnowSpiAndProtocolOnly() {
    onlyKnow(SOURCES, SPI, PROTOCOL);
  }

  @Test
  void serverKnowsNoStore() {
    onlyKnow(SERVER, ENGINE, SPI, PROTOCOL);
  }

  @Test
  void clientKnowsProtocolOnly() {
    onlyKnow(CLIENT, PROTOCOL);
  }

  private static void onlyKnow(String[] who, String[]... whom) {
    var allowed = resideInAnyPackage(who);
    for (String[] each : whom) {
      allowed = allowed.or(resideInAnyPackage(each));
    }
    noClasses()
        .that()
        .resideInAnyPackage(who)
        .should()
        .dependOnClassesThat(resideInAPackage("io.freshet..").and(allowed.negate()))
        .check(freshet);
  }

  @Test
  void engineHasNoSocketsDisksClocksOrThreads() {
    noClasses()
        .that()
        .resideInAnyPackage(ENGINE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.netty..",
            "org.rocksdb..",
            "io.lettuce..",
            "java.sql..",
            "java.net..",
            "java.nio.file..",
            "org.slf4j..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.Executors")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Thread.class, "start")
        .check(freshet);
  }

  @Test
  void gatewaysDoNotKnowEachOther() {
    slices()
        .matching("io.freshet.server.(deepstream|sync|pulse)..")
        .should()
        .notDependOnEachOther()
        .allowEmptyShould(true)
        .check(freshet);
  }

  /// Doors see an authenticator of spi; which ones there are is the composition root's business.
  @Test
  void whoAClientIsIsFoundOutInOnePlace() {
    noClasses()
        .that(
            resideInAnyPackage(SERVER)
                .and(resideInAPackage("io.freshet.server.identity..").negate()))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.freshet.server.identity..")
        .check(freshet);
    noClasses()
        .that()
        .resideInAPackage("io.freshet.server.identity..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.freshet..")
                .and(
                    resideInAnyPackage(
                            "io.freshet.server.identity..",
                            "io.freshet.server.files..",
                            "io.freshet.spi..",
                            PROTOCOL[0])
                        .negate()))
        .check(freshet);
  }

  /// What rules can reach is what this package can reach.
  @Test
  void rulesKnowTheGuardAndNothingBesides() {
    noClasses()
        .that()
        .resideInAPackage("io.freshet.server.permissions..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.freshet..")
                .and(
                    resideInAnyPackage(
                            "io.freshet.server.permissions..",
                            "io.freshet.server.files..",
                            "io.freshet.engine.guard..",
                            "io.freshet.engine.pattern..",
                            PROTOCOL[0])
                        .negate()))
        .check(freshet);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.freshet.server.permissions..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.mozilla.javascript..")
        .check(freshet);
  }

  @Test
  void onlyTheCompositionRootKnowsTheConfiguration() {
    noClasses()
        .that(
            resideInAnyPackage(SERVER).and(resideInAPackage("io.freshet.server.config..").negate()))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.freshet.server.config..")
        .check(freshet);
  }

  @Test
  void onlyTheCommandLineWritesToStandardOutput() {
    noClasses()
        .that(
            resideInAPackage("io.freshet..")
                .and(resideInAnyPackage("io.freshet.dist..", "io.freshet.bench..").negate())
                .and(not(type(PostgresServer.class))))
        .should()
        .accessField(System.class, "out")
        .check(freshet);
  }

  @Test
  void everyPackageIsNullMarked() {
    var unmarked = new ArrayList<String>();
    freshet.stream()
        .map(JavaClass::getPackage)
        .distinct()
        .filter(found -> !isNullMarked(found))
        .map(JavaPackage::getName)
        .forEach(unmarked::add);
    assertTrue(unmarked.isEmpty(), "not @NullMarked: " + unmarked);
  }

  private static boolean isNullMarked(JavaPackage candidate) {
    return candidate.isAnnotatedWith(NullMarked.class);
  }

  @Test
  void namesSayWhatThingsAre() {
    for (String vague : List.of("util", "common", "impl", "manager", "helper")) {
      classes()
          .that(alwaysTrue())
          .should()
          .resideOutsideOfPackages("io.freshet.." + vague, "io.freshet.." + vague + "..")
          .check(freshet);
      noClasses().should().haveSimpleNameEndingWith(capitalised(vague)).check(freshet);
    }
  }

  private static String capitalised(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
