package io.chainring.gateway.nbd.connection;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.base.text.Printable;
import io.chainring.gateway.nbd.places.Places;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.transmission.Transmission;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Tells the connection's place when nothing has moved on it for {@link NbdSettings#giveWayAfter}, and closes it after
 * {@link NbdSettings#idleTimeout}, if there is one. Counts silent ticks instead of comparing clocks: a process that was
 * stopped for an hour finds one late tick, not an hour of silence. Waiting for the disk is not silence.
 */
final class IdleWatch {
    private static final RateLimitedLog LOG =
            new RateLimitedLog(LoggerFactory.getLogger(IdleWatch.class));
    private static final int TICKS = 4;

    private final Channel channel;
    private final Transmission transmission;
    private final Places.Place place;
    private final @Nullable Duration timeout;
    private final long ticksToIdle;
    private final long ticksToEnd;
    private @Nullable ScheduledFuture<?> ticking;
    private long silentTicks;
    private boolean idle;

    private IdleWatch(
            Channel channel,
            Transmission transmission,
            Places.Place place,
            NbdSettings settings,
            long tickMillis) {
        this.channel = channel;
        this.transmission = transmission;
        this.place = place;
        this.timeout = settings.idleTimeout();
        this.ticksToIdle = ticks(settings.giveWayAfter(), tickMillis);
        this.ticksToEnd = timeout == null ? Long.MAX_VALUE : ticks(timeout, tickMillis);
    }

    private static long ticks(Duration time, long tickMillis) {
        return (time.toMillis() + tickMillis - 1) / tickMillis;
    }

    /** A running watch. */
    static IdleWatch start(
            NbdSettings settings, Channel channel, Transmission transmission, Places.Place place) {
        Duration timeout = settings.idleTimeout();
        long shortestMillis = settings.giveWayAfter().toMillis();
        if (timeout != null) {
            shortestMillis = Math.min(shortestMillis, timeout.toMillis());
        }
        long tickMillis = Math.max(1, shortestMillis / TICKS);
        IdleWatch watch = new IdleWatch(channel, transmission, place, settings, tickMillis);
        watch.ticking =
                channel.eventLoop()
                        .scheduleAtFixedRate(
                                watch::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
        return watch;
    }

    /** Something arrived or was sent. */
    void moved() {
        silentTicks = 0;
        if (idle) {
            idle = false;
            place.idle(false);
        }
    }

    private void tick() {
        if (transmission.waitsForDisk()) {
            moved();
            return;
        }
        silentTicks++;
        if (silentTicks > ticksToEnd) {
            LOG.info(
                    place.source(),
                    "{} is closed: nothing moved for {}",
                    Printable.line(channel),
                    timeout);
            stop();
            var unused = channel.close();
        } else if (silentTicks > ticksToIdle && !idle) {
            idle = true;
            place.idle(true);
        }
    }

    void stop() {
        ScheduledFuture<?> present = ticking;
        if (present != null) {
            present.cancel(false);
        }
    }
}
