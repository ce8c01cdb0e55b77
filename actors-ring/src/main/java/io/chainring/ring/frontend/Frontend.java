package io.chainring.ring.frontend;

import io.chainring.ring.backend.BackendCommand;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.backend.RingListener;
import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.turn.KillPoint;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * The actor around {@link FrontendCore}: the driver side of one client's ring. It outlives every backend; when it dies
 * itself its client is disconnected, its ring is drained, and the client comes back with another one.
 */
public final class Frontend extends AbstractBehavior<FrontendCommand> {

    /** What a frontend is made of. */
    public record Setup(
            long ringId,
            FrontendCore core,
            Client client,
            int maxOutstandingRequests,
            long maxRequestBytes,
            RingListener listener,
            KillSwitch kills,
            Runnable close) {}

    /** Whose ring it is: where completions go, and how beginning and end are told. */
    public interface Client {
        /** Hears the completions. */
        CompletionSink sink();

        /** As {@link CompletionSink#opened}; false when the client has been told of the end already. */
        boolean opened(RingPort port);

        /** As {@link CompletionSink#closed}, once however often it is called. */
        void closed(String reason);
    }

    private final Setup setup;
    private final FrontendCore core;
    private final CompletionSink sink;
    private @Nullable ActorRef<BackendMessage> backend;
    private @Nullable String givenUp;
    private boolean open;

    private Frontend(ActorContext<FrontendCommand> context, Setup setup) {
        super(context);
        this.setup = setup;
        this.core = setup.core();
        this.sink = setup.client().sink();
    }

    /** A frontend for one ring; {@link FrontendCommand.Opened} tells the client that it is open. */
    public static Behavior<FrontendCommand> create(Setup setup) {
        return Behaviors.setup(context -> new Frontend(context, setup));
    }

    @Override
    public Receive<FrontendCommand> createReceive() {
        return newReceiveBuilder()
                .onMessage(FrontendCommand.Submit.class, this::submit)
                .onMessageEquals(FrontendCommand.Inform.INSTANCE, this::takeCompletions)
                .onMessage(FrontendCommand.Introduce.class, this::introduce)
                .onMessage(FrontendCommand.Opened.class, this::opened)
                .onMessage(FrontendCommand.GiveUp.class, this::giveUp)
                .onMessage(FrontendCommand.Detached.class, this::detached)
                .onMessage(FrontendCommand.Die.class, this::die)
                .build();
    }

    private Behavior<FrontendCommand> submit(FrontendCommand.Submit submit) {
        if (givenUp != null) {
            submit.requests().forEach(request -> request.complete(ChainStatus.IOERR, 0));
            deliver(submit.requests());
            return this;
        }
        at(KillPoint.FRONTEND_SUBMITTING);
        long now = System.nanoTime();
        submit.requests().forEach(request -> request.submittedNanos(now));
        boolean kick = core.submit(submit.requests());
        at(KillPoint.FRONTEND_SUBMITTED);
        if (kick && backend != null) {
            backend.tell(BackendCommand.Kick.INSTANCE);
        }
        return core.hasRefused() ? takeCompletions() : this;
    }

    private Behavior<FrontendCommand> takeCompletions() {
        List<BlockRequest> completed = new ArrayList<>();
        if (givenUp == null) {
            do {
                core.drain(completed);
            } while (core.arm());
        }
        deliver(completed);
        return this;
    }

    private void deliver(List<BlockRequest> completed) {
        if (completed.isEmpty()) {
            return;
        }
        at(KillPoint.FRONTEND_DRAINED);
        long now = System.nanoTime();
        for (BlockRequest request : completed) {
            setup.listener()
                    .completed(
                            request.operation(), request.status(), now - request.submittedNanos());
        }
        sink.completed(completed);
    }

    private Behavior<FrontendCommand> introduce(FrontendCommand.Introduce introduce) {
        at(KillPoint.FRONTEND_INTRODUCING);
        backend = introduce.backend();
        takeCompletions();
        introduce
                .replyTo()
                .tell(
                        new FrontendCommand.Introduced(
                                setup.ringId(), introduce.epoch(), core.introduce()));
        return this;
    }

    private Behavior<FrontendCommand> opened(FrontendCommand.Opened opened) {
        at(KillPoint.FRONTEND_OPENING);
        open = true;
        Port port = new Port(getContext().getSelf(), setup, opened.capacityBytes());
        if (!setup.client().opened(port)) {
            port.close();
        }
        return this;
    }

    private Behavior<FrontendCommand> giveUp(FrontendCommand.GiveUp command) {
        if (givenUp == null) {
            takeCompletions();
            givenUp = command.reason();
            List<BlockRequest> ended = new ArrayList<>();
            core.giveUp(ChainStatus.IOERR, ended);
            deliver(ended);
            if (!open) {
                // It has nothing outstanding that would tell it.
                setup.client().closed(command.reason());
            }
        }
        return this;
    }

    private Behavior<FrontendCommand> detached(FrontendCommand.Detached detached) {
        takeCompletions();
        at(KillPoint.FRONTEND_CLOSING);
        setup.client().closed(detached.reason());
        return Behaviors.stopped();
    }

    private Behavior<FrontendCommand> die(FrontendCommand.Die die) {
        throw new KilledException("the frontend was killed: " + die.mode());
    }

    private void at(KillPoint point) {
        setup.kills().at(point, getContext());
    }

    /** The client's end: thread-safe, since it only sends. */
    private record Port(ActorRef<FrontendCommand> frontend, Setup setup, long capacityBytes)
            implements RingPort {
        @Override
        public PayloadPool payloads() {
            return setup.core().payloads();
        }

        @Override
        public long maxRequestBytes() {
            return setup.maxRequestBytes();
        }

        @Override
        public int maxOutstandingRequests() {
            return setup.maxOutstandingRequests();
        }

        @Override
        public void submit(List<BlockRequest> requests) {
            requests.forEach(BlockRequest::handOver);
            frontend.tell(new FrontendCommand.Submit(requests));
        }

        @Override
        public void close() {
            setup.close().run();
        }
    }
}
