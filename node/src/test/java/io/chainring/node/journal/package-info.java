/** Tests of the journal commands. Nothing that a program could use. */
package io.chainring.node.journal;
