/**
 * What came of a run as one page that needs no network.
 * What lives here: the page, and its pictures as SVG, of bounded size however long the run was.
 * What may not come in: verdicts, scripts.
 */
@NullMarked
package io.chainring.chaos.report;

import org.jspecify.annotations.NullMarked;
