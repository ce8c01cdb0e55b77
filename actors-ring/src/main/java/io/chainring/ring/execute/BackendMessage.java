package io.chainring.ring.execute;

import org.apache.pekko.actor.DeadLetterSuppression;

/** Whatever a backend can be told: by its rings, its supervisor, and as {@link ExecutorReply} by its executor. */
public interface BackendMessage extends DeadLetterSuppression {}
