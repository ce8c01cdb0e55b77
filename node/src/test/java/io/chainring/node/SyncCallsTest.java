package io.chainring.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each call that puts something on stable storage stands in {@code checks/syncs.txt} with the test that fails without it:
 * a new one without a line there fails here, and so does a line for what is gone.
 */
class SyncCallsTest {
    private static final Path ROOT = Path.of(System.getProperty("chainring.rootDirectory", ".."));

    /** What puts bytes on stable storage, or says that a write does. */
    private static final Set<String> SYNCS =
            Set.of(
                    "java.nio.channels.FileChannel.force",
                    "java.nio.channels.AsynchronousFileChannel.force",
                    "java.nio.MappedByteBuffer.force",
                    "java.io.FileDescriptor.sync",
                    "io.chainring.host.store.LibC.fdatasync",
                    "io.chainring.host.store.NativeFile.sync",
                    "io.chainring.host.store.FileBlockStore.sync",
                    "io.chainring.persistence.format.AcknowledgementMark.sync",
                    "io.chainring.persistence.engine.Engine.write",
                    "io.chainring.persistence.engine.Engine.put",
                    "io.chainring.persistence.engine.LibLevelDb.leveldb_writeoptions_set_sync",
                    "org.iq80.leveldb.WriteOptions.sync");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(
                            location ->
                                    !location.contains("/test-classes/")
                                            && !location.contains("-tests.jar"))
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.chainring");

    /** One line of the list. */
    private record Entry(
            String caller, String callee, String text, String instead, String module, String test) {
        static Entry of(String line) {
            String[] columns = line.split(" \\| ", -1);
            assertEquals(6, columns.length, line);
            for (int i = 0; i < columns.length; i++) {
                columns[i] = columns[i].strip();
            }
            return new Entry(
                    columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]);
        }

        /** Words and signs in their order, whatever the blanks between them. */
        Pattern inSource() {
            return Pattern.compile(
                    Arrays.stream(text.split(" +"))
                            .map(Pattern::quote)
                            .collect(Collectors.joining("\\s+")));
        }

        Path source() {
            String type = caller.substring(0, caller.lastIndexOf('.'));
            return ROOT.resolve(module)
                    .resolve("src/main/java")
                    .resolve(type.replace('.', '/') + ".java");
        }
    }

    private static List<Entry> entries() throws IOException {
        try (Stream<String> lines = Files.lines(ROOT.resolve("checks/syncs.txt"))) {
            return lines.filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(Entry::of)
                    .toList();
        }
    }

    @Test
    void everySyncHasALineAndEveryLineASync() throws IOException {
        TreeMap<String, Integer> called = new TreeMap<>();
        for (JavaClass type : CLASSES) {
            for (JavaMethodCall call : type.getMethodCallsFromSelf()) {
                String owner = call.getTargetOwner().getName();
                String callee = owner + "." + call.getTarget().getName();
                if (SYNCS.contains(callee)) {
                    String shortName = callee.substring(owner.lastIndexOf('.') + 1);
                    String caller = type.getName() + "." + call.getOrigin().getName();
                    called.merge(caller + " | " + shortName, 1, Integer::sum);
                }
            }
        }
        TreeMap<String, Integer> listed = new TreeMap<>();
        for (Entry each : entries()) {
            listed.merge(each.caller + " | " + each.callee, 1, Integer::sum);
        }
        assertEquals(lines(listed), lines(called));
    }

    private static String lines(TreeMap<String, Integer> counts) {
        StringBuilder text = new StringBuilder();
        counts.forEach((call, count) -> text.append(call).append(" | ").append(count).append('\n'));
        return text.toString();
    }

    /** What {@code checks/power-loss.sh --mutate} takes away must be there, once, and its test too. */
    @Test
    void everyLineCanBeTriedOut() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (Entry each : entries()) {
            String source = Files.readString(each.source());
            if (each.inSource().matcher(source).results().count() != 1) {
                wrong.add(each.text + " does not stand once in " + each.source());
            }
            assertFalse(each.text.equals(each.instead), each.caller);
            if (each.test.equals("open")) {
                open.add(each.caller);
            } else if (!each.test.equals("unsynced") && !isTest(each)) {
                wrong.add("no test " + each.test + " in " + each.module);
            }
        }
        assertEquals(List.of(), wrong);
        assertEquals(List.of(), open);
        assertTrue(entries().size() > 10);
    }

    private static boolean isTest(Entry entry) throws IOException {
        Path tests = ROOT.resolve(entry.module).resolve("src/test/java");
        try (Stream<Path> files = Files.walk(tests)) {
            return files.anyMatch(file -> file.endsWith(entry.test + ".java"));
        }
    }
}
