/** Tests of the package of the same name. */
@NullMarked
package io.chainring.node.service;

import org.jspecify.annotations.NullMarked;
