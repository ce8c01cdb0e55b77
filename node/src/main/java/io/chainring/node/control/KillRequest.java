package io.chainring.node.control;

import io.chainring.base.settings.Settings;
import io.chainring.node.http.BadRequestException;
import io.chainring.node.http.Json.Required;

/**
 * Who dies, and how.
 *
 * @param disk its name
 * @param target a {@link io.chainring.ring.supervise.SupervisorCommand.Target}, as {@link Settings#labels} has it
 * @param how a {@link io.chainring.ring.signal.KillMode} likewise
 */
record KillRequest(@Required String disk, @Required String target, @Required String how) {
    /**
     * The answer.
     *
     * @param killed false when there was nobody to kill
     */
    record Outcome(@Required boolean killed) {}

    /** One of the choices by its name. */
    static <E extends Enum<E>> E choice(String field, String text, Class<E> choices)
            throws BadRequestException {
        try {
            return Settings.choiceOf(text, choices);
        } catch (IllegalArgumentException e) {
            throw new BadRequestException("'" + field + "' is not " + e.getMessage(), e);
        }
    }
}
