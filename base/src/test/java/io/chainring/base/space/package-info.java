@org.jspecify.annotations.NullMarked
package io.chainring.base.space;
