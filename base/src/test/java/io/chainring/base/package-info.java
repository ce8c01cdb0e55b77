/** What tests of all modules share: seeds, patience, hostile bytes and what a decoder owes them, a journal that stalls. */
@NullMarked
package io.chainring.base;

import org.jspecify.annotations.NullMarked;
