package io.chainring.node.control;

import io.chainring.node.http.BadRequestException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Faults on purpose, in a node that was started for them. Thread-safe. */
public interface FaultControl {
    /** What a node that was not says. */
    String OFF =
            "this node takes no faults: it was started without chainring.node.chaos = on, which is for disks that nobody needs";

    /** All that there are, and the counts of the points. */
    FaultList list();

    /**
     * Lets something go wrong; it ends by itself.
     *
     * @throws BadRequestException one line: no such fault, disk, way to die or point, and which there are
     */
    CompletionStage<FaultList.Outcome> inject(
            String fault,
            @Nullable String disk,
            @Nullable String how,
            @Nullable String point,
            @Nullable Integer count,
            @Nullable Long millis)
            throws BadRequestException;
}
