package io.chainring.persistence.crash;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * How the child is started: a hundred starts are most of the test's time, so its classes are put into an archive for class
 * data sharing first, which halves a start. Only jars can be archived, so folders on the class path become one.
 */
final class ChildCommand {
    private final List<String> words;

    private ChildCommand(List<String> words) {
        this.words = words;
    }

    /** Prepares the archive below a folder. */
    static ChildCommand prepare(Path folder) throws IOException, InterruptedException {
        String classPath = jarsOnly(folder, System.getProperty("java.class.path"));
        Path archive = folder.resolve("child.jsa");
        ChildCommand training = command(classPath, "-XX:ArchiveClassesAtExit=" + archive);
        Process child =
                training.builder(folder.resolve("training"), "leveldbjni", true)
                        .redirectError(folder.resolve("training.err").toFile())
                        .start();
        try (BufferedReader lines = child.inputReader()) {
            for (int i = 0; i < 200 && lines.readLine() != null; i++) {}
            child.toHandle().destroy();
            lines.transferTo(Writer.nullWriter());
            if (!child.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException("the child did not end on SIGTERM");
            }
        } finally {
            child.destroyForcibly();
        }
        return command(classPath, "-XX:SharedArchiveFile=" + archive);
    }

    /** A command that is ready to be started. */
    ProcessBuilder builder(Path directory, String engine, boolean fsync) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(directory.toString(), engine, String.valueOf(fsync)));
        return new ProcessBuilder(all);
    }

    private static ChildCommand command(String classPath, String sharing) {
        return new ChildCommand(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        sharing,
                        "-Dlogback.configurationFile=logback-crash.xml",
                        "-cp",
                        classPath,
                        CrashChild.class.getName()));
    }

    private static String jarsOnly(Path folder, String classPath) throws IOException {
        List<String> jars = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                Path jar = folder.resolve("classes-" + jars.size() + ".jar");
                pack(path, jar);
                jars.add(jar.toString());
            } else {
                jars.add(entry);
            }
        }
        return String.join(File.pathSeparator, jars);
    }

    private static void pack(Path root, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                entries.putNextEntry(
                        new JarEntry(root.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }
    }
}
