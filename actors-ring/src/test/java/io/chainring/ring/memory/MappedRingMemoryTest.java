package io.chainring.ring.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ring memory in a mapped file. */
class MappedRingMemoryTest extends RingMemoryContract {
    @TempDir Path directory;

    @Override
    RingMemory createMemory() throws IOException {
        return MappedRingMemory.create(directory.resolve("contract.ring"), REGION_BYTES);
    }

    @Override
    long baseOf(RingMemory created) {
        return ((MappedRingMemory) created).baseAddress();
    }

    @Test
    void twoMappingsShowTheSameBytesAtTheSameAddresses() throws IOException {
        Path file = directory.resolve("shared.ring");
        MappedRingMemory creator = MappedRingMemory.create(file, 10_000);
        MappedRingMemory opener = MappedRingMemory.open(file, 10_000);
        assertEquals(creator.baseAddress(), opener.baseAddress());
        assertEquals(10_000, opener.sizeBytes());
        assertEquals(file, opener.file());
        creator.setU64(creator.baseAddress() + 9_992, 0xC0FFEE);
        assertEquals(0xC0FFEE, opener.getU64(opener.baseAddress() + 9_992));
        opener.set16Release(opener.baseAddress(), 77);
        assertEquals(77, creator.get16Acquire(creator.baseAddress()));
        assertThrows(
                RingViolationException.class, () -> opener.getU64(opener.baseAddress() + 9_993));
    }

    @Test
    void longFilesAreMappedInPiecesThatTouch() throws IOException {
        Path file = directory.resolve("pieces.ring");
        MappedRingMemory creator = MappedRingMemory.create(file, 10_000, 4096);
        MappedRingMemory opener = MappedRingMemory.open(file, 10_000);
        long base = creator.baseAddress();
        for (long at = 0; at < 10_000; at += 8) {
            creator.setU64(base + at, at);
        }
        for (long at = 0; at < 10_000; at += 8) {
            assertEquals(at, opener.getU64(base + at));
        }
        assertEquals(4096, creator.slice(base + 4096, 4096).remaining());
        assertThrows(RingViolationException.class, () -> creator.slice(base + 4095, 2));
        assertEquals(10_000 - 8192, creator.regionAt(base + 9_999).lengthBytes());
    }

    @Test
    void fileHasAllItsSpaceAndIsItsOwnersOnly() throws IOException {
        Path file = directory.resolve("space.ring");
        MappedRingMemory.create(file, 3 << 20);
        assertEquals(3 << 20, Files.size(file));
        assumeTrue(Files.getFileStore(file).supportsFileAttributeView("posix"), "POSIX files");
        assertEquals(
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE),
                Files.getPosixFilePermissions(file));
    }

    @Test
    void existingFileIsNotTakenForANewOne() throws IOException {
        Path file = directory.resolve("old.ring");
        Files.writeString(file, "old");
        assertThrows(FileAlreadyExistsException.class, () -> MappedRingMemory.create(file, 4096));
        assertEquals("old", Files.readString(file));
    }

    @Test
    void missingFileOrWrongSizeIsRefused() throws IOException {
        Path file = directory.resolve("size.ring");
        assertThrows(NoSuchFileException.class, () -> MappedRingMemory.open(file, 4096));
        assertFalse(Files.exists(file));
        MappedRingMemory.create(file, 4096);
        for (long size : new long[] {4095, 4097, 1L << 32}) {
            IOException refused =
                    assertThrows(IOException.class, () -> MappedRingMemory.open(file, size));
            assertTrue(refused.getMessage().contains("4096"), refused.getMessage());
        }
        for (long size : new long[] {0, -1, MappedRingMemory.MAX_BYTES + 1}) {
            assertThrows(IllegalArgumentException.class, () -> MappedRingMemory.open(file, size));
        }
    }
}
