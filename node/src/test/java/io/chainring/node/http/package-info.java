/** Tests of the small HTTP server and its limits. */
@NullMarked
package io.chainring.node.http;

import org.jspecify.annotations.NullMarked;
