/**
 * Who may use which export.
 * What lives here: who a client is, the rules and their file, an export directory as one client may see it.
 * What may not come in: channels, options, how a certificate is verified.
 */
@NullMarked
package io.chainring.gateway.nbd.access;

import org.jspecify.annotations.NullMarked;
