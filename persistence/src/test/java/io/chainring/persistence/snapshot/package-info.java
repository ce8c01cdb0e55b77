/** The snapshot store's contract suite. Nothing that a program could use. */
package io.chainring.persistence.snapshot;
