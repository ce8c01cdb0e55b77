/** Tests of the queries. Nothing that a program could use. */
package io.chainring.persistence.query;
