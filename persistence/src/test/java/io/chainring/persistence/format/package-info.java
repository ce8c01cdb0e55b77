/** Golden files of the formats. Nothing that a program could use. */
package io.chainring.persistence.format;
