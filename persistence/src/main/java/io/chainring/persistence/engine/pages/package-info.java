/**
 * Pages of files that exist before somebody writes to them through memory.
 *
 * <p>Lives here: what makes leveldbjni ask the file system for blocks, and how its library is read for that.
 *
 * <p>May not come in: what is written, free space, settings.
 */
@NullMarked
package io.chainring.persistence.engine.pages;

import org.jspecify.annotations.NullMarked;
