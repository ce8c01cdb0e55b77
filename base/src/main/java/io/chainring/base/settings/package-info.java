/**
 * Reading of settings, the same for all modules.
 * What lives here: the reader, the check for names that nobody reads, the one exception that says what is wrong.
 * What may not come in: any particular setting or default; those stand in each module's reference.conf.
 */
@NullMarked
package io.chainring.base.settings;

import org.jspecify.annotations.NullMarked;
