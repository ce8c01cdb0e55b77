/** Tests of the records, arrays and codecs of a backend. */
@NullMarked
package io.chainring.ring.record;

import org.jspecify.annotations.NullMarked;
