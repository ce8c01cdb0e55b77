/** Tests of the tools for journal directories. Nothing that a program could use. */
package io.chainring.persistence.tool;
