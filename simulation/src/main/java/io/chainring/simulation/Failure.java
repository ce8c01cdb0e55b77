package io.chainring.simulation;

import io.chainring.simulation.plan.Plan;
import io.chainring.simulation.world.Run;

/** A run in which a promise was broken, for people. */
record Failure(Plan plan, Run run) {
    static Failure of(Plan plan, Run run) {
        return new Failure(plan, run);
    }

    /** The commit that was built, as whoever started this JVM says. */
    private static String commit() {
        return System.getProperty("chainring.commit", "unknown");
    }

    /** What was broken, how to see it again, and what it takes. */
    String words() {
        if (run.failure() == null) {
            return "seed " + plan.seed() + " keeps its promises";
        }
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(plan.seed()).append(" fails at commit ").append(commit());
        text.append("\n  ").append(run.failure());
        text.append("\n  again: checks/simulate.sh --seed ").append(plan.seed()).append(" --trace");
        return text.toString();
    }

    /** The steps to it, one a line; of a plan that was made small. */
    String steps() {
        StringBuilder text = new StringBuilder();
        text.append(plan.steps()).append(" steps with ").append(plan.settings().clients());
        text.append(" clients on ").append(plan.settings().cells()).append(" cells of ");
        text.append(plan.settings().cellBytes()).append(" bytes, and these faults:\n");
        if (plan.faults().isEmpty()) {
            text.append("  none\n");
        }
        plan.faults().forEach(each -> text.append("  ").append(each).append('\n'));
        text.append("what happened last:\n");
        run.lastLines().forEach(each -> text.append("  ").append(each).append('\n'));
        return text.toString();
    }
}
