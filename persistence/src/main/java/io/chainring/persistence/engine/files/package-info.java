/**
 * What the libraries leave to chance with their files: whether a page exists, who gives a lock back, how long their LOG grows.
 *
 * <p>Lives here: what makes leveldbjni ask the file system for blocks, how its library is read for that, the lock that iq80 leaves, the bound of LOG.
 *
 * <p>May not come in: what is written, free space, settings.
 */
@NullMarked
package io.chainring.persistence.engine.files;

import org.jspecify.annotations.NullMarked;
