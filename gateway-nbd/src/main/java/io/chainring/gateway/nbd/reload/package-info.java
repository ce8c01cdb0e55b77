/**
 * What is made of files that an administrator may replace while the server runs.
 * What lives here: noticing the change, keeping the old value when the new files are wrong, the thread that looks.
 * What may not come in: what the files mean.
 */
@NullMarked
package io.chainring.gateway.nbd.reload;

import org.jspecify.annotations.NullMarked;
