package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import io.chainring.chaos.tested.BlockTarget;
import io.chainring.chaos.tested.ClientFault;
import io.chainring.chaos.tested.ConnectionLostException;
import io.chainring.chaos.tested.TargetDoor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client of a disk: a thread that keeps so many requests under way, on one connection after the other. All of its state is its
 * thread's; answers and wishes come through queues.
 *
 * <p>A change that is sent again is another operation of the same value in the history, which ends when the first does: each copy may
 * take effect once, and none behind the answer. A request that is left after a loss ends as unknown.
 */
final class Client implements Runnable {
    private static final int COPIES_MOST = 3;
    private static final int DRAWS_MOST = 64;
    private static final long LOOK_MILLIS = 5;
    private static final long RECONNECT_MILLIS = 20;

    private final int number;
    private final int disk;
    private final TargetDoor door;
    private final WorkSettings settings;
    private final OpenCells cells;
    private final Recorder recorder;
    private final Tally tally;
    private final Source source;
    private final LinkedBlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Wish> wishes = new ConcurrentLinkedQueue<>();
    private final Set<Request> underWay = new LinkedHashSet<>();
    private final List<Request> toResend = new ArrayList<>();
    private @Nullable BlockTarget target;
    private long unconnectedSinceNanos;
    private boolean leaves;
    private boolean exhausted;
    private boolean gaveUp;

    private record Answer(
            Request request,
            BlockTarget from,
            @Nullable ByteBuffer bytes,
            @Nullable Throwable failure) {}

    private record Wish(ClientFault fault, long millis) {}

    Client(
            int number,
            int disk,
            TargetDoor door,
            WorkSettings settings,
            OpenCells cells,
            Recorder recorder,
            Tally tally,
            Source source) {
        this.number = number;
        this.disk = disk;
        this.door = door;
        this.settings = settings;
        this.cells = cells;
        this.recorder = recorder;
        this.tally = tally;
        this.source = source;
    }

    /** Asks the client to misbehave soon. */
    void misbehave(ClientFault fault, long millis) {
        wishes.add(new Wish(fault, millis));
    }

    int disk() {
        return disk;
    }

    @Override
    public void run() {
        unconnectedSinceNanos = System.nanoTime();
        try {
            while (!gaveUp && !(exhausted && underWay.isEmpty() && toResend.isEmpty())) {
                turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (target != null) {
                target.close();
            }
        }
    }

    private void turn() throws InterruptedException {
        BlockTarget present = target;
        if (present == null) {
            connect();
        } else {
            // Of a connection before, whose end was heard of late.
            resend(present);
            fill(present);
            grant(present);
        }
        Answer answer = answers.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        while (answer != null) {
            take(answer);
            answer = answers.poll();
        }
        lookForHangs();
    }

    private void connect() throws InterruptedException {
        try {
            BlockTarget connected = door.connect();
            target = connected;
            leaves = false;
            tally.connected();
            resend(connected);
        } catch (IOException e) {
            if (System.nanoTime() - unconnectedSinceNanos > settings.answerLimit().toNanos()) {
                tally.hang(
                        "client %s cannot connect to %s: %s"
                                .formatted(number, door.name(), e.getMessage()));
                gaveUp = true;
            }
            TimeUnit.MILLISECONDS.sleep(RECONNECT_MILLIS);
        }
    }

    private void resend(BlockTarget present) {
        List<Request> again = new ArrayList<>(toResend);
        toResend.clear();
        again.sort(Comparator.comparing(each -> each.operations.get(0)));
        for (Request each : again) {
            sendAgain(present, each);
        }
    }

    private void fill(BlockTarget present) {
        for (int i = 0;
                i < DRAWS_MOST && !exhausted && underWay.size() < settings.outstanding();
                i++) {
            Planned planned = source.next();
            if (planned == null) {
                exhausted = underWay.isEmpty();
                return;
            }
            if (cells.take(planned.firstCell(), planned.cells(), planned.action().changes())) {
                begin(present, planned);
            }
        }
    }

    private void begin(BlockTarget present, Planned planned) {
        boolean writes =
                planned.action() == Action.WRITE || planned.action() == Action.WRITE_THROUGH;
        Request request =
                new Request(
                        planned,
                        writes ? recorder.nextValue() : HistoryEvent.ZEROES,
                        System.nanoTime());
        request.operations.add(call(request));
        send(present, request);
    }

    private long call(Request request) {
        Planned planned = request.planned;
        return recorder.call(
                number,
                disk,
                planned.action(),
                planned.firstCell(),
                planned.cells(),
                request.value);
    }

    private void sendAgain(BlockTarget present, Request request) {
        if (request.changes()) {
            if (request.operations.size() == COPIES_MOST) {
                recorder.unknown(request.operations.remove(0));
            }
            request.operations.add(call(request));
        }
        tally.resent();
        send(present, request);
    }

    private void send(BlockTarget present, Request request) {
        underWay.add(request);
        request.sentNanos = System.nanoTime();
        long offsetBytes = (long) request.planned.firstCell() * settings.cellBytes();
        int lengthBytes = request.planned.cells() * settings.cellBytes();
        CompletionStage<ByteBuffer> stage =
                switch (request.planned.action()) {
                    case READ -> present.read(offsetBytes, lengthBytes);
                    case WRITE, WRITE_THROUGH ->
                            empty(
                                    present.write(
                                            offsetBytes,
                                            content(request),
                                            request.planned.action() == Action.WRITE_THROUGH));
                    case ZERO -> empty(present.writeZeroes(offsetBytes, lengthBytes));
                    case TRIM -> empty(present.trim(offsetBytes, lengthBytes));
                    case FLUSH -> empty(present.flush());
                };
        stage.whenComplete(
                (bytes, failure) -> answers.add(new Answer(request, present, bytes, failure)));
    }

    private static CompletionStage<ByteBuffer> empty(CompletionStage<Void> stage) {
        return stage.thenApply(nothing -> ByteBuffer.allocate(0));
    }

    private ByteBuffer content(Request request) {
        return CellBytes.write(
                request.value,
                disk,
                request.planned.firstCell(),
                request.planned.cells(),
                settings.cellBytes());
    }

    private void grant(BlockTarget present) {
        Wish wish = wishes.poll();
        if (wish != null && present.misbehave(wish.fault, wish.millis)) {
            // The old connection stays open and may be served behind the next one.
            leaves |= wish.fault == ClientFault.HALF_OPEN;
        }
    }

    private void take(Answer answer) {
        Request request = answer.request;
        if (!underWay.remove(request)) {
            return;
        }
        Throwable failure = answer.failure;
        if (failure instanceof CompletionException && failure.getCause() != null) {
            failure = failure.getCause();
        }
        if (failure == null) {
            answered(request, answer.bytes);
        } else if (failure instanceof ConnectionLostException lost) {
            lost(answer.from, lost);
            if (settings.afterLoss() == AfterLoss.RESEND && !leaves) {
                toResend.add(request);
            } else {
                leave(request);
            }
        } else {
            tally.error(request.planned.action() + ": " + failure.getMessage());
            leave(request);
        }
    }

    private void answered(Request request, @Nullable ByteBuffer bytes) {
        Planned planned = request.planned;
        long[] found = null;
        if (planned.action() == Action.READ && bytes != null) {
            found =
                    CellBytes.read(
                            bytes,
                            disk,
                            planned.firstCell(),
                            planned.cells(),
                            settings.cellBytes());
        }
        for (long operation : request.operations) {
            recorder.done(operation, found);
        }
        tally.done(planned.action(), disk, request.calledNanos);
        release(planned);
    }

    private void lost(BlockTarget from, ConnectionLostException why) {
        if (target == from) {
            target = null;
            unconnectedSinceNanos = System.nanoTime();
            String text = String.valueOf(why.getMessage());
            tally.lost(text);
            if (why.isBreach()) {
                tally.breach("to client " + number + ": " + text);
            }
            if (!leaves) {
                from.close();
            }
        }
    }

    private void leave(Request request) {
        request.operations.forEach(recorder::unknown);
        if (request.changes()) {
            tally.left();
            cells.leave(request.planned.firstCell(), request.planned.cells());
        }
        release(request.planned);
        source.failed(request.planned);
    }

    private void release(Planned planned) {
        cells.release(planned.firstCell(), planned.cells(), planned.action().changes());
    }

    private void lookForHangs() {
        long now = System.nanoTime();
        for (Request each : underWay) {
            if (now - each.sentNanos > settings.answerLimit().toNanos()) {
                tally.hang(
                        "client %s: no answer to operation %s, %s of cells %s+%s, within %s ms"
                                .formatted(
                                        number,
                                        each.operations.get(0),
                                        each.planned.action(),
                                        each.planned.firstCell(),
                                        each.planned.cells(),
                                        settings.answerLimit().toMillis()));
                gaveUp = true;
                return;
            }
        }
    }
}
