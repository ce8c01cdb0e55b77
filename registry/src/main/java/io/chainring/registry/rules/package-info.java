/**
 * Who holds which name: requests, the rules by which they are decided, answers and events.
 * What lives here: {@code RegistryCore} and its state, plain data and no clock.
 * What may not come in: actors, journals, stored formats.
 */
@NullMarked
package io.chainring.registry.rules;

import org.jspecify.annotations.NullMarked;
