/**
 * Files that are this process's alone.
 * What lives here: making and opening of files, folders and libraries so that no other user can read, lock, plant or swap them.
 * What may not come in: what stands in the files, logging, settings.
 */
@NullMarked
package io.chainring.base.files;

import org.jspecify.annotations.NullMarked;
