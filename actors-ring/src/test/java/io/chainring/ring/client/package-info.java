@NullMarked
package io.chainring.ring.client;

import org.jspecify.annotations.NullMarked;
