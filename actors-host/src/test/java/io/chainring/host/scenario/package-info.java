/**
 * The scenarios of docs/scenarios.md with real actors, a real journal and real threads: what must happen when something
 * dies, row by row. What one class can decide alone is tested beside it, not here.
 */
@NullMarked
package io.chainring.host.scenario;

import org.jspecify.annotations.NullMarked;
