/**
 * Tests of requests in virtio-blk's format.
 * What lives here: round trips from writer to parser, malformed requests.
 * What may not come in: actors, disks.
 */
@NullMarked
package io.chainring.ring.request;

import org.jspecify.annotations.NullMarked;
