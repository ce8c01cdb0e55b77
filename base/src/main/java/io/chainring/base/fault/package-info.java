/**
 * Named points at which something may be made to happen.
 * What lives here: who waits at which point, and how often each was passed.
 * What may not come in: any particular point, what happens at one, actors.
 */
@NullMarked
package io.chainring.base.fault;

import org.jspecify.annotations.NullMarked;
