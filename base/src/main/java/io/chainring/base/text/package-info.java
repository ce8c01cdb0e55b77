/**
 * Texts of others, made fit for where they are shown or put in.
 * What lives here: escaping and cutting for people's eyes, quoting for a shell.
 * What may not come in: any particular message, logging, files.
 */
@NullMarked
package io.chainring.base.text;

import org.jspecify.annotations.NullMarked;
