/** The journal's contract suite and its runs. Nothing that a program could use. */
package io.chainring.persistence.journal;
