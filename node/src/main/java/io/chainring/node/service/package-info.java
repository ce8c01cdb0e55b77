/**
 * A whole node: its settings, its start in order and its end in order.
 * What lives here: the place where the other packages meet.
 * What may not come in: parsing of arguments, texts for people.
 */
@NullMarked
package io.chainring.node.service;

import org.jspecify.annotations.NullMarked;
