package io.chainring.chaos.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.chaos.plan.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("clients")
final class ProcessFaultsTest {
    private static ChildProcess child(String script) {
        return new ChildProcess(List.of("sh", "-c", script), Map.of(), "Ready.", 300_000);
    }

    private static char state(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }

    @Test
    void aChildIsStoppedForAWhile() throws Exception {
        try (ChildProcess child = child("echo Ready.; while read line; do :; done; sleep 600")) {
            child.start();
            Fault fault = new Fault("process-stop", 0, null, null, 60_000, 0);
            Thread stopping =
                    new Thread(
                            () -> {
                                try {
                                    new ProcessFaults(child).carryOut(fault);
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            stopping.start();
            Awaitility.await().until(() -> state(child.pid()) == 'T');
            stopping.interrupt();
            stopping.join();
            Awaitility.await().until(() -> state(child.pid()) != 'T');
            assertTrue(child.isAlive());
        }
    }

    @Test
    void aChildIsKilledAndStartedAgain() throws Exception {
        ChildProcess child = child("echo Ready.; sleep 600");
        child.start();
        long first = child.pid();
        new ProcessFaults(child).carryOut(new Fault("process-kill", 0, null, null, 0, 0));
        assertNotEquals(first, child.pid());
        assertFalse(ProcessHandle.of(first).map(ProcessHandle::isAlive).orElse(false));
        CompletableFuture<?> gone = ProcessHandle.of(child.pid()).orElseThrow().onExit();
        child.close();
        gone.get(5, TimeUnit.MINUTES);
        assertThrows(IOException.class, child::start);
    }

    @Test
    void whoEndsInsteadOfBeingReadySaysWhy() {
        try (ChildProcess child = child("echo no such disk; exit 2")) {
            IOException why = assertThrows(IOException.class, child::start);
            assertEquals("it ended: no such disk", why.getMessage());
        }
    }
}
