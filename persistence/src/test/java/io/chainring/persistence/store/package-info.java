/** Tests of the store: damage, deletion, failure, group commit. Nothing that a program could use. */
package io.chainring.persistence.store;
