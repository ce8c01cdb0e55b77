package io.chainring.node.text;

import io.chainring.base.text.Printable;
import java.util.ArrayList;
import java.util.List;

/**
 * A table for people: columns as wide as their widest cell; the first is set left, the others right. Cells may hold names and
 * paths of others.
 */
public final class Table {
    private final List<String[]> rows = new ArrayList<>();

    /** One more row; all have as many cells. */
    public void row(Object... cells) {
        String[] row = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            row[i] = Printable.whole(cells[i]);
        }
        rows.add(row);
    }

    /** The rows, a line each. */
    public String text() {
        int[] widths = new int[rows.isEmpty() ? 0 : rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String padding = " ".repeat(widths[i] - row[i].length());
                line.append(i == 0 ? row[i] + padding : "  " + padding + row[i]);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
