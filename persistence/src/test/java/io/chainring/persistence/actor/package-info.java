/** The journal as persistent actors see it, classic and typed. Nothing that a program could use. */
package io.chainring.persistence.actor;
