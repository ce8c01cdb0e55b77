/**
 * Where a journal's messages are handled.
 *
 * <p>Lives here: the dispatcher executor that runs a journal on the thread that sends to it.
 *
 * <p>May not come in: journals, stores, anything that knows what the messages say.
 */
@NullMarked
package io.chainring.persistence.dispatch;

import org.jspecify.annotations.NullMarked;
