package io.chainring.ring.slab;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Direct memory of the JVM: how much there is, and how it goes back without waiting for a garbage collection. */
final class DirectMemory {
    private static final Logger LOG = LoggerFactory.getLogger(DirectMemory.class);
    private static final @Nullable MethodHandle CLEANER = cleaner();

    private DirectMemory() {}

    /** What {@code -XX:MaxDirectMemorySize} allows, in bytes; without that option the JVM allows as much as heap. */
    static long limitBytes() {
        HotSpotDiagnosticMXBean options =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long limitBytes =
                options == null
                        ? 0
                        : Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
        return limitBytes > 0 ? limitBytes : Runtime.getRuntime().maxMemory();
    }

    /** Gives the memory of a buffer of {@link ByteBuffer#allocateDirect} back; nobody may use it or a view of it again. */
    static void free(ByteBuffer root) {
        MethodHandle present = CLEANER;
        if (present == null) {
            return;
        }
        try {
            present.invokeExact(root);
        } catch (Throwable e) {
            throw new IllegalStateException("direct memory cannot be given back", e);
        }
    }

    /** {@code sun.misc.Unsafe.invokeCleaner}: the door that the JDK keeps open for this (JEP 260, JEP 471). */
    private static @Nullable MethodHandle cleaner() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field field = unsafe.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return MethodHandles.lookup()
                    .findVirtual(
                            unsafe,
                            "invokeCleaner",
                            MethodType.methodType(void.class, ByteBuffer.class))
                    .bindTo(field.get(null));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn(
                    "This JVM gives direct memory back only by garbage collection: {}",
                    e.toString());
            return null;
        }
    }
}
