package io.chainring.gateway.nbd;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection on which nothing has moved for {@link NbdSettings#idleTimeout}. Counts silent ticks instead of
 * comparing clocks: a process that was stopped for an hour finds one late tick, not an hour of silence. Waiting for the
 * disk is not silence.
 */
final class IdleWatch {
    private static final Logger LOG = LoggerFactory.getLogger(IdleWatch.class);
    private static final int TICKS = 4;

    private final Channel channel;
    private final Transmission transmission;
    private final Duration timeout;
    private @Nullable ScheduledFuture<?> ticking;
    private int silentTicks;

    private IdleWatch(Channel channel, Transmission transmission, Duration timeout) {
        this.channel = channel;
        this.transmission = transmission;
        this.timeout = timeout;
    }

    /** A running watch, or null when the setting is off. */
    static @Nullable IdleWatch start(
            NbdSettings settings, Channel channel, Transmission transmission) {
        Duration timeout = settings.idleTimeout();
        if (timeout == null) {
            return null;
        }
        IdleWatch watch = new IdleWatch(channel, transmission, timeout);
        long tickMillis = Math.max(1, timeout.toMillis() / TICKS);
        watch.ticking =
                channel.eventLoop()
                        .scheduleAtFixedRate(
                                watch::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
        return watch;
    }

    /** Something arrived or was sent. */
    void moved() {
        silentTicks = 0;
    }

    private void tick() {
        if (transmission.waitsForDisk()) {
            silentTicks = 0;
        } else if (++silentTicks > TICKS) {
            LOG.info("{} is closed: nothing moved for {}", channel, timeout);
            stop();
            var unused = channel.close();
        }
    }

    void stop() {
        ScheduledFuture<?> present = ticking;
        if (present != null) {
            present.cancel(false);
        }
    }
}
