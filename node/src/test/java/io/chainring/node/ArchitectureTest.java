package io.chainring.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
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
import java.util.Set;
import java.util.TreeMap;
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
                    "io.chainring.base..", List.of(),
                    "io.chainring.chaos..", List.of("io.chainring.base.."),
                    "io.chainring.ring..", List.of("io.chainring.base.."),
                    "io.chainring.persistence..", List.of("io.chainring.base.."),
                    "io.chainring.registry..", List.of("io.chainring.base.."),
                    "io.chainring.host..", List.of("io.chainring.base..", "io.chainring.ring.."),
                    "io.chainring.gateway.nbd..",
                            List.of(
                                    "io.chainring.base..",
                                    "io.chainring.ring..",
                                    "io.chainring.host.."),
                    "io.chainring.node..",
                            List.of(
                                    "io.chainring.base..",
                                    "io.chainring.registry..",
                                    "io.chainring.ring..",
                                    "io.chainring.persistence..",
                                    "io.chainring.host..",
                                    "io.chainring.gateway.nbd..",
                                    "io.chainring.chaos.."));

    private static final String[] LIBRARIES = {
        "io.chainring.base..",
        "io.chainring.chaos..",
        "io.chainring.registry..",
        "io.chainring.ring..",
        "io.chainring.persistence..",
        "io.chainring.host..",
        "io.chainring.gateway.."
    };

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    // Not ArchUnit's own, which knows Maven's folders only where Maven puts them by
                    // itself.
                    .withImportOption(
                            location ->
                                    !location.contains("/test-classes/")
                                            && !location.contains("-tests.jar"))
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

    /** Most source files in a package, its package-info included. */
    private static final int FILES_MOST = 25;

    /**
     * The packages of the ring from the highest down: each may know those below it. Those on one line
     * know nothing of each other.
     */
    private static final List<Set<String>> RING_LAYERS =
            List.of(
                    Set.of("client"),
                    Set.of("supervise"),
                    Set.of("frontend"),
                    Set.of("backend"),
                    Set.of("turn"),
                    Set.of("record", "execute", "transport"),
                    Set.of("request", "signal"),
                    Set.of("virtqueue"),
                    Set.of("memory", "slab"));

    @Test
    void packagesOfAModuleHaveNoCircles() {
        slices().matching("io.chainring.(**)")
                .should()
                .beFreeOfCycles()
                .because("a room that can only be read with another is no room")
                .check(CLASSES);
    }

    @Test
    void packagesOfTheRingKnowOnlyThoseBelowThem() {
        for (int layer = 0; layer < RING_LAYERS.size(); layer++) {
            for (String name : RING_LAYERS.get(layer)) {
                String[] above =
                        RING_LAYERS.subList(0, layer + 1).stream()
                                .flatMap(Set::stream)
                                .filter(other -> !other.equals(name))
                                .map(other -> "io.chainring.ring." + other)
                                .toArray(String[]::new);
                noClasses()
                        .that()
                        .resideInAPackage("io.chainring.ring." + name)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(above)
                        .allowEmptyShould(true)
                        .because("arrows between packages point down only")
                        .check(CLASSES);
            }
        }
    }

    /** A peer can cause each line there. */
    @Test
    void whatPeersCauseIsLoggedInBounds() {
        noFields()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(
                        "io.chainring.gateway.nbd.connection",
                        "io.chainring.gateway.nbd.handshake",
                        "io.chainring.gateway.nbd.transmission",
                        "io.chainring.node.http")
                .should()
                .haveRawType("org.slf4j.Logger")
                .because("a flood of what peers do is no flood of lines (RateLimitedLog)")
                .check(CLASSES);
    }

    @Test
    void storesKnowNoHost() {
        noClasses()
                .that()
                .resideInAPackage("io.chainring.host.store")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.chainring.host", "io.chainring.host.embed", "io.chainring.ring..")
                .check(CLASSES);
    }

    @Test
    void packagesAreSmallRooms() {
        Map<String, Set<String>> files = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            type.getSource()
                    .flatMap(source -> source.getFileName())
                    .ifPresent(
                            file ->
                                    files.computeIfAbsent(
                                                    type.getPackageName(), name -> new TreeSet<>())
                                            .add(file));
        }
        files.values().removeIf(each -> each.size() <= FILES_MOST);
        assertEquals(Map.of(), files, "packages with more than " + FILES_MOST + " files");
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
