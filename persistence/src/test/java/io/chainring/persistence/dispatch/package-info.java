@org.jspecify.annotations.NullMarked
package io.chainring.persistence.dispatch;
