package io.chainring.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What each benchmark is told by its script, and how it writes its result. */
final class RunOptions {
    @Option(names = "--dir", required = true, description = "Empty folder for journals and images.")
    private Path folder;

    @Option(names = "--json", description = "Result file.")
    private @Nullable Path json;

    @Option(names = "--commit", description = "What was built, for the result.")
    private String commit = "unknown";

    @Option(names = "--machine", description = "Where it runs, for the result.")
    private String machine = "unknown";

    /** Called by picocli, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    RunOptions() {}

    Path folder() {
        return folder;
    }

    /** A folder inside of {@link #folder}. */
    Path make(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name)).toAbsolutePath();
    }

    /** First line of what a benchmark prints. */
    String headline(String benchmark) {
        return benchmark + ": " + machine + ", Java " + Runtime.version() + ", commit " + commit;
    }

    /** Writes the result file, if one is wanted: where and when it was measured, then the figures. */
    void write(String benchmark, Map<String, ?> figures) throws IOException {
        Path file = json;
        if (file == null) {
            return;
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("benchmark", benchmark);
        result.put("date", Instant.now().toString());
        result.put("machine", machine);
        result.put("java", Runtime.version().toString());
        result.put("commit", commit);
        result.putAll(figures);
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), result);
    }
}
