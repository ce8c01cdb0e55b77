/** Measures the journal beside Pekko's own. Nothing that a program could use. */
package io.chainring.persistence.benchmark;
