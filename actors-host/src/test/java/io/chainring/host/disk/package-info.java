/** Tests of a disk's actors in a node. */
@NullMarked
package io.chainring.host.disk;

import org.jspecify.annotations.NullMarked;
