/**
 * How much room a file system has.
 * What lives here: the watch over its free space, and what is asked of it before each write.
 * What may not come in: what a writer does when there is too little, logging, settings.
 */
@NullMarked
package io.chainring.base.space;

import org.jspecify.annotations.NullMarked;
