package io.chainring.persistence.engine.files;

import org.jspecify.annotations.Nullable;

/**
 * What a library does by itself, the making of tables, and fails at. The libraries of 2013 try again for ever; whoever writes
 * meanwhile waits in the library, and hears nothing. So failures are looked for from outside.
 */
public interface BackgroundWatch extends AutoCloseable {
    /** Of a library whose writes fail by themselves then. */
    BackgroundWatch NONE =
            new BackgroundWatch() {
                @Override
                public @Nullable String failure() {
                    return null;
                }

                @Override
                public boolean isReadable() {
                    return true;
                }

                @Override
                public void close() {}
            };

    /** What has failed since the database was opened; null: nothing. */
    @Nullable String failure();

    /** Whether what is read is all that was written, in spite of a failure. Asked after reading. */
    boolean isReadable();

    /** Called before the database is closed, when nobody uses it any more. */
    @Override
    void close();
}
