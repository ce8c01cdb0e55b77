package io.chainring.ring.simulation;

import io.chainring.ring.execute.Chain;
import java.util.List;

/** The decisions of one executor incarnation, to be simulated: see {@link io.chainring.ring.execute}. */
public interface ExecutorModel {

    /** What it wants done. */
    interface Effects {
        /** Executes the chain against the store, some time; then {@link ExecutorModel#finished}. */
        void start(Chain chain);

        /** Puts what was written before this call on stable storage, some time; then {@link ExecutorModel#synced}. */
        void sync();

        /** Answers an adoption. */
        void adopted(long epoch, List<Chain> running, List<Chain> done);

        /** Reports outcomes. */
        void executed(long epoch, List<Chain> chains);
    }

    /** Makes incarnations. */
    interface Factory {
        /**
         * The next incarnation.
         *
         * @param outstandingLimitChains most chains that run or are done and not journaled, if the backend is sound
         */
        ExecutorModel create(long incarnation, int outstandingLimitChains, Effects effects);
    }

    /** The workers of earlier incarnations are out of the store; told once. */
    void predecessorsIdle();

    /** A backend introduces itself. */
    void adopt(long epoch);

    /** Chains to execute. */
    void execute(long epoch, long incarnation, List<Chain> chains, long journaledUpTo);

    /** A started chain has its outcome. */
    void finished(Chain chain);

    /** The sync under way ended with this status. */
    void synced(byte status);

    /** After some inputs: reports and syncs for all of them. */
    void settle();
}
