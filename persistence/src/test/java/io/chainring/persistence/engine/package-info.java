/** The engine's contract suite and the check of logs. Nothing that a program could use. */
package io.chainring.persistence.engine;
