/**
 * Faults on purpose under load, and what clients are told of them.
 * What lives here: the store that fails on demand, each fault and each named point once on a live disk, with a verdict.
 * What may not come in: scenarios that know at which instruction something dies; those have a package of their own.
 */
@NullMarked
package io.chainring.host.fault;

import org.jspecify.annotations.NullMarked;
