package io.chainring.registry;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryFixture;
import io.chainring.registry.rules.RegistryRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * The process that is killed: a registry on a LevelDB journal, and four clients that ask as fast as they can and print
 * each answer. Arguments: directory, number of this life, seed.
 */
public final class RegistryChild {
    static final String PERSISTENCE_ID = "registry-under-kill";

    /** What each answer's line begins with. */
    static final String PREFIX = "life";

    private static final int CLIENTS = 4;
    private static final int DISKS = 12;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private RegistryChild() {}

    static Config config(Path directory) {
        return ConfigFactory.parseString(
                        """
                        pekko.loglevel = OFF
                        pekko.stdout-loglevel = OFF
                        pekko.persistence.journal.plugin = "chainring.persistence.leveldb.journal"
                        pekko.persistence.snapshot-store.plugin = "chainring.persistence.leveldb.snapshot-store"
                        chainring.persistence.leveldb.fsync = off
                        """)
                .withFallback(
                        ConfigFactory.parseMap(
                                Map.of("chainring.persistence.leveldb.dir", directory.toString())))
                .withFallback(ConfigFactory.load());
    }

    /** Keeps every event, so that all of them can be looked at after a kill. */
    static RegistrySetup setup(Config config) {
        RegistrySetup defaults = RegistrySetup.of(config);
        return new RegistrySetup(
                PERSISTENCE_ID,
                defaults.settings(),
                "",
                "",
                null,
                1 << 20,
                defaults.waitingLimitRequests(),
                defaults.backoffFirst(),
                defaults.backoffLongest(),
                defaults.clock());
    }

    public static void main(String[] args) {
        Config config = config(Path.of(args[0]));
        ActorSystem<DiskRegistry.Command> registry =
                ActorSystem.create(DiskRegistry.create(setup(config)), "child", config);
        long seed = Long.parseLong(args[2]);
        for (int client = 0; client < CLIENTS; client++) {
            String prefix = PREFIX + args[1] + "-client" + client + "-";
            SplittableRandom random = new SplittableRandom(seed + client);
            new Thread(() -> askForEver(registry, prefix, random), prefix).start();
        }
    }

    private static void askForEver(
            ActorSystem<DiskRegistry.Command> registry, String prefix, SplittableRandom random) {
        for (int i = 0; ; i++) {
            RegistryRequest.Repeatable request =
                    request(random.nextInt(4), random.nextInt(DISKS), prefix + i);
            RegistryAnswer answer = ask(registry, request);
            print(line(request, answer));
            if (answer instanceof RegistryAnswer.Accepted accepted
                    && accepted.disk().state() == DiskState.DETACHING) {
                RegisteredDisk disk = accepted.disk();
                ask(registry, new RegistryRequest.Detached(disk.uuid(), disk.insertion()));
            }
        }
    }

    static RegistryAnswer ask(ActorSystem<DiskRegistry.Command> registry, RegistryRequest request) {
        return AskPattern.<DiskRegistry.Command, RegistryAnswer>ask(
                        registry,
                        replyTo -> new DiskRegistry.Ask(request, replyTo),
                        PATIENCE,
                        registry.scheduler())
                .toCompletableFuture()
                .join();
    }

    /** One of four kinds. */
    static RegistryRequest.Repeatable request(int kind, int number, String requestId) {
        return switch (kind) {
            case 0 -> new RegistryRequest.Eject(RegistryFixture.disk(number), requestId);
            case 1 ->
                    new RegistryRequest.Insert(
                            RegistryFixture.disk(number),
                            RegistryFixture.name(number),
                            "vd" + (char) ('b' + number / 2),
                            requestId);
            case 2 ->
                    new RegistryRequest.Rename(
                            RegistryFixture.disk(number),
                            null,
                            "sd" + (char) ('b' + number / 3),
                            requestId);
            default ->
                    new RegistryRequest.Insert(
                            RegistryFixture.disk(number),
                            RegistryFixture.name(number),
                            null,
                            requestId);
        };
    }

    private static String line(RegistryRequest.Repeatable request, RegistryAnswer answer) {
        int kind =
                request instanceof RegistryRequest.Eject
                        ? 0
                        : request instanceof RegistryRequest.Rename
                                ? 2
                                : ((RegistryRequest.Insert) request).requestedName() == null
                                        ? 3
                                        : 1;
        long number = request.uuid().getLeastSignificantBits();
        return request.requestId() + "|" + kind + "|" + number + "|" + answer;
    }

    private static void print(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (System.out) {
            System.out.write(bytes, 0, bytes.length);
            System.out.flush();
        }
    }
}
