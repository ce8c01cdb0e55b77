/**
 * Log lines that somebody outside can cause.
 * What lives here: the limit of such lines for each source.
 * What may not come in: any particular message, escaping (io.chainring.base.text).
 */
@NullMarked
package io.chainring.base.log;

import org.jspecify.annotations.NullMarked;
