/** Tests of the backend's decisions, arrays, records and codecs. */
@NullMarked
package io.chainring.ring.backend;

import org.jspecify.annotations.NullMarked;
