package io.chainring.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import io.chainring.base.Seed;
import io.chainring.persistence.query.LeveldbReadJournal;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryEvent;
import io.chainring.registry.rules.RegistryModel;
import io.chainring.registry.rules.RegistryRequest;
import io.chainring.registry.rules.RegistrySettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row R2 with a real death: a process with a registry and clients that ask without a pause is killed with SIGKILL, again
 * and again on one journal. After each kill the journal opens, no name belongs to two disks in any event of it, and
 * every request that was answered gets the same answer again.
 */
@Tag("clients")
class RegistryProcessDeathTest {
    private static final int KILLS = 6;

    @TempDir Path folder;

    private final SplittableRandom random =
            new SplittableRandom(Seed.next("RegistryProcessDeathTest"));

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void r2_whatWasAnsweredBeforeAKillIsAnsweredSoAfterIt() throws Exception {
        Path directory = folder.resolve("journal");
        List<String> answered = new ArrayList<>();
        for (int kill = 1; kill <= KILLS; kill++) {
            List<String> lines = runAndKill(directory, kill);
            assertTrue(lines.size() > 1, "the child answered " + lines.size() + " requests");
            answered.addAll(lines);
            check(directory, answered);
        }
        System.out.println(KILLS + " kills, " + answered.size() + " answers");
    }

    private List<String> runAndKill(Path directory, int life)
            throws IOException, InterruptedException {
        Path errors = folder.resolve("child.err");
        Process child =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                RegistryChild.class.getName(),
                                directory.toString(),
                                String.valueOf(life),
                                String.valueOf(random.nextLong()))
                        .redirectError(errors.toFile())
                        .start();
        List<String> lines = new ArrayList<>();
        int before = 2 + random.nextInt(400);
        try (BufferedReader out = child.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                // Others may write there too, such as the log.
                if (line.startsWith(RegistryChild.PREFIX)) {
                    lines.add(line);
                    if (lines.size() == before) {
                        child.toHandle().destroyForcibly();
                    }
                }
            }
            assertTrue(
                    lines.size() >= before,
                    () -> "the child ended by itself: " + lines + read(errors));
        } finally {
            child.destroyForcibly().waitFor();
        }
        // The kill may have cut the last line off.
        String last = lines.get(lines.size() - 1);
        return last.endsWith("]]") ? lines : lines.subList(0, lines.size() - 1);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void check(Path directory, List<String> answered) throws Exception {
        Config config = RegistryChild.config(directory);
        ActorSystem<DiskRegistry.Command> registry =
                ActorSystem.create(
                        DiskRegistry.create(RegistryChild.setup(config)), "after", config);
        try {
            RegistryModel model = new RegistryModel();
            events(registry).forEach(model::journaled);
            int remembered = RegistrySettings.of(config).requestIdLimit() - 100;
            int from = Math.max(0, answered.size() - remembered);
            for (String line : answered.subList(from, answered.size())) {
                String[] parts = line.split("\\|", 4);
                RegistryRequest.Repeatable request =
                        RegistryChild.request(
                                Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), parts[0]);
                RegistryAnswer again = RegistryChild.ask(registry, request);
                assertEquals(parts[3], again.toString());
                model.answered(request, again);
            }
        } finally {
            registry.terminate();
            registry.getWhenTerminated().toCompletableFuture().get(120, TimeUnit.SECONDS);
        }
    }

    private static List<RegistryEvent> events(ActorSystem<?> system) throws Exception {
        return PersistenceQuery.get(system)
                .getReadJournalFor(LeveldbReadJournal.class, "chainring.persistence.leveldb.query")
                .currentEventsByPersistenceId(RegistryChild.PERSISTENCE_ID, 0, Long.MAX_VALUE)
                .map(envelope -> (RegistryEvent) envelope.event())
                .runWith(Sink.seq(), Materializer.matFromSystem(system))
                .toCompletableFuture()
                .get(120, TimeUnit.SECONDS);
    }
}
