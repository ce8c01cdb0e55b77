/** Kills a writing process and looks at what it left. Nothing that a program could use. */
package io.chainring.persistence.crash;
