/**
 * The ring and the two actors at its ends: memory, chains, arrays, Frontend, Backend.
 * What lives here: everything about a request on its way, up to its completion.
 * What may not come in: disks, files, sockets, wire protocols.
 */
@NullMarked
package io.chainring.ring;

import org.jspecify.annotations.NullMarked;
