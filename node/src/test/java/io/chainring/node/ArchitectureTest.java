package io.chainring.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the arrows between modules and packages; they point down only. */
class ArchitectureTest {

    private static final String OURS = "io.chainring..";

    /**
     * Each module's package and the packages of ours that it may know. The journal is chosen by
     * configuration, so only the node, whose tools repair and export it, may name its classes.
     */
    private static final Map<String, List<String>> MAY_KNOW =
            Map.of(
                    "io.chainring.ring..", List.of(),
                    "io.chainring.persistence..", List.of(),
                    "io.chainring.host..", List.of("io.chainring.ring.."),
                    "io.chainring.gateway.nbd..",
                            List.of("io.chainring.ring..", "io.chainring.host.."),
                    "io.chainring.node..",
                            List.of(
                                    "io.chainring.ring..",
                                    "io.chainring.persistence..",
                                    "io.chainring.host..",
                                    "io.chainring.gateway.nbd.."));

    private static final String[] LIBRARIES = {
        "io.chainring.ring..",
        "io.chainring.persistence..",
        "io.chainring.host..",
        "io.chainring.gateway.."
    };

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    // Not ArchUnit's own, which knows Maven's folders only where Maven puts them by
                    // itself.
                    .withImportOption(location -> !location.contains("/test-classes/"))
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.chainring");

    /** What decides, told by its name, and the packages of plain memory and formats below it. */
    private static final DescribedPredicate<JavaClass> DECISIONS =
            resideInAnyPackage(
                            "io.chainring.ring.memory..",
                            "io.chainring.ring.virtqueue..",
                            "io.chainring.ring.request..")
                    .or(
                            DescribedPredicate.describe(
                                    "decision cores",
                                    type ->
                                            Stream.iterate(
                                                            type,
                                                            each -> each != null,
                                                            each ->
                                                                    each.getEnclosingClass()
                                                                            .orElse(null))
                                                    .anyMatch(
                                                            each ->
                                                                    each.getSimpleName()
                                                                            .endsWith("Core"))));

    static Stream<Map.Entry<String, List<String>>> modules() {
        return MAY_KNOW.entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void modulesKnowOnlyWhatStandsBelowThem(Map.Entry<String, List<String>> module) {
        String[] known =
                Stream.concat(Stream.of(module.getKey()), module.getValue().stream())
                        .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(module.getKey())
                .should()
                .dependOnClassesThat(resideInAPackage(OURS).and(resideOutsideOfPackages(known)))
                .because("arrows between modules point down only")
                .check(CLASSES);
    }

    @Test
    void eachClassBelongsToAModuleNamedHere() {
        classes()
                .should()
                .resideInAnyPackage(MAY_KNOW.keySet().toArray(String[]::new))
                .because("a new module states here what it may know")
                .check(CLASSES);
    }

    @Test
    void decisionsKnowNoActorAndNoSocket() {
        noClasses()
                .that(DECISIONS)
                .should()
                .transitivelyDependOnClassesThat()
                .resideInAnyPackage("org.apache.pekko..", "io.netty..", "scala..")
                .because("a simulation drives them millions of times a minute, without either")
                .check(CLASSES);
    }

    @Test
    void librariesNeitherPrintNorExit() {
        noClasses()
                .that()
                .resideInAnyPackage(LIBRARIES)
                .should(ACCESS_STANDARD_STREAMS)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .because("that is for the process which they live in to decide")
                .check(CLASSES);
    }

    @Test
    void nothingIsReadThroughJavaSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .because("bytes from outside are read by formats of ours that check them")
                .check(CLASSES);
    }

    @Test
    void eachPackageSaysItsJobAndIsNullMarked() {
        TreeSet<String> unmarked = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            JavaPackage home = type.getPackage();
            if (!home.isAnnotatedWith(NullMarked.class)) {
                unmarked.add(home.getName());
            }
        }
        assertEquals(new TreeSet<>(), unmarked, "packages without @NullMarked package-info");
    }

    @ParameterizedTest
    @ValueSource(strings = {"org/junit/Test.class", "org/scalatest/Suite.class"})
    void otherTestFrameworksAreNotOnTheClassPath(String resource) {
        ClassLoader loader = ArchitectureTest.class.getClassLoader();
        assertNotNull(loader.getResource("org/junit/jupiter/api/Test.class"));
        assertNull(loader.getResource(resource));
    }
}
