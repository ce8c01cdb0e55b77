package io.chainring.base;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * How long a test waits for an event before it says that the event will not come. A machine may be ten times slower than the
 * one that the test was written on, so the limit is for what never happens, not for what happens late. It is Awaitility's
 * default in every module that tests with this jar: the launcher finds this class by {@code META-INF/services}.
 */
public final class Patience implements LauncherSessionListener {
    /** Longer than any event took on the slowest machine, shorter than JUnit's own limit for a whole test. */
    public static final Duration LIMIT = Duration.ofMinutes(2);

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        Awaitility.setDefaultTimeout(LIMIT);
    }
}
