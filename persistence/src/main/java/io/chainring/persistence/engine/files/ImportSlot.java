package io.chainring.persistence.engine.files;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Finds in a shared library (ELF, 64 bits, x86) the cell that holds the address of a function of another library: every call
 * of that function goes through the cell.
 *
 * <pre>
 *   file header --e_phoff--> program headers --PT_DYNAMIC--> (tag, value) ... --DT_JMPREL--> (cell, symbol and type, addend) ...
 *                                                                             --DT_SYMTAB--> symbols --DT_STRTAB--> names
 * </pre>
 *
 * Source: System V Application Binary Interface, chapters 4 and 5, and its supplement for AMD64, section 4.4.
 */
final class ImportSlot {
    private static final long MAGIC_64_BITS_LITTLE_ENDIAN = 0x00010102_464C457FL;
    private static final int MACHINE_X86_64 = 62;
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_PLTRELSZ = 2;
    private static final int DT_STRTAB = 5;
    private static final int DT_SYMTAB = 6;
    private static final int DT_JMPREL = 23;
    private static final int RELOCATION_BYTES = 24;
    private static final int SYMBOL_BYTES = 24;
    private static final int R_X86_64_JUMP_SLOT = 7;

    private final ByteBuffer file;

    private ImportSlot(ByteBuffer file) {
        this.file = file;
    }

    /**
     * Finds the cell.
     *
     * @param function its name, without a version
     * @return its offset in bytes from where the library is loaded; empty if the library does not call that function, or
     *     is of another kind
     * @throws IOException if the library cannot be read, or contradicts itself
     */
    static OptionalLong of(Path library, String function) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(library)).order(ByteOrder.LITTLE_ENDIAN);
        try {
            boolean known =
                    (bytes.getLong(0) & 0x00FFFFFF_FFFFFFFFL) == MAGIC_64_BITS_LITTLE_ENDIAN
                            && bytes.getShort(18) == MACHINE_X86_64;
            return known ? new ImportSlot(bytes).find(function) : OptionalLong.empty();
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw new IOException(library + " is no whole library", e);
        }
    }

    private OptionalLong find(String function) {
        int dynamic = header(PT_DYNAMIC, 0);
        if (dynamic < 0) {
            return OptionalLong.empty();
        }
        int from = (int) file.getLong(dynamic + 8);
        int relocations = place(entry(from, DT_JMPREL));
        int symbols = place(entry(from, DT_SYMTAB));
        int names = place(entry(from, DT_STRTAB));
        int end = relocations + (int) entry(from, DT_PLTRELSZ);
        for (int at = relocations; at < end; at += RELOCATION_BYTES) {
            long symbolAndType = file.getLong(at + 8);
            int symbol = symbols + (int) (symbolAndType >>> 32) * SYMBOL_BYTES;
            if ((int) symbolAndType == R_X86_64_JUMP_SLOT
                    && isNamed(names + file.getInt(symbol), function)) {
                return OptionalLong.of(file.getLong(at));
            }
        }
        return OptionalLong.empty();
    }

    /** Where a program header of a type begins, from the one with a number on; -1 if there is none. */
    private int header(int type, int number) {
        int first = (int) file.getLong(32);
        int bytes = file.getShort(54);
        int count = file.getShort(56);
        for (int i = number; i < count; i++) {
            if (file.getInt(first + i * bytes) == type) {
                return first + i * bytes;
            }
        }
        return -1;
    }

    private long entry(int dynamic, int tag) {
        int at = dynamic;
        while (file.getLong(at) != tag) {
            if (file.getLong(at) == 0) {
                throw new IndexOutOfBoundsException("no entry " + tag);
            }
            at += 16;
        }
        return file.getLong(at + 8);
    }

    /** Where in the file an address is, by the first part that is loaded, which holds all that is looked at. */
    private int place(long address) {
        int load = header(PT_LOAD, 0);
        if (load < 0) {
            throw new IndexOutOfBoundsException("nothing is loaded");
        }
        long offset = file.getLong(load + 8);
        long virtual = file.getLong(load + 16);
        return Math.toIntExact(address - virtual + offset);
    }

    private boolean isNamed(int at, String name) {
        byte[] wanted = name.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < wanted.length; i++) {
            if (file.get(at + i) != wanted[i]) {
                return false;
            }
        }
        return file.get(at + wanted.length) == 0;
    }
}
