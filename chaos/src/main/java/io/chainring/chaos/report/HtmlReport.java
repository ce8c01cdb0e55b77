package io.chainring.chaos.report;

import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.check.Violation;
import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A run as a page: one file, without scripts and without a network. */
public final class HtmlReport {
    private static final int OFFENCES_DRAWN = 5;
    private static final String STYLE =
            """
            body{font:14px sans-serif;max-width:1060px;margin:2em auto;padding:0 1em;color:#222}
            svg{width:100%;height:auto;font:11px sans-serif}
            .frame{fill:none;stroke:#bbb}.grid{stroke:#eee}polyline{fill:none;stroke-width:1.5}
            .read{fill:#4c78a8}.write{fill:#f58518}.write-through{fill:#b85c00}.zero{fill:#bab0ac}
            .trim{fill:#9d7660}.flush{fill:#54a24b}.fault{fill:#c1272d}.pause{fill:#7b4fa3}
            .median{stroke:#54a24b}.high{stroke:#f58518}.longest{stroke:#c1272d}
            .key{display:inline-block;width:.9em;height:.9em;margin:0 .3em 0 1em;vertical-align:-1px}
            table{border-collapse:collapse}td,th{padding:.15em 1em .15em 0;text-align:right}
            td:first-child,th:first-child{text-align:left}pre{background:#f6f6f6;padding:.7em;overflow:auto}
            .good{color:#2a7a2a}.bad{color:#c1272d}
            """;

    private HtmlReport() {}

    /**
     * Writes the page.
     *
     * @param facts further lines for its summary
     */
    public static void write(ChaosResult result, List<String> facts, Path file) throws IOException {
        Files.writeString(file, page(result, facts));
    }

    private static String page(ChaosResult result, List<String> facts) {
        Pictures pictures = new Pictures(result);
        StringBuilder page =
                new StringBuilder("<!DOCTYPE html>\n<html lang='en'><meta charset='utf-8'>");
        page.append("<title>Chaos, seed ").append(result.seed()).append("</title><style>");
        page.append(STYLE).append("</style>\n<h1>Chaos, seed ").append(result.seed());
        page.append("</h1>\n<p class='").append(result.isGood() ? "good" : "bad").append("'><b>");
        page.append(result.isGood() ? "Every promise was kept." : "Promises were broken.");
        page.append("</b></p>\n<p>");
        String counts = result.text().lines().findFirst().orElse("");
        page.append(Svg.escaped(counts)).append("</p>\n");
        list(page, facts);
        page.append("<h2>Operations</h2>\n").append(key()).append(pictures.operations());
        page.append("<h2>Faults and pauses</h2>\n").append(pictures.faults());
        page.append("<h2>How long operations took</h2>\n<p>");
        entry(page, "median", "#54a24b");
        entry(page, "99 of 100 were faster", "#f58518");
        entry(page, "longest", "#c1272d");
        page.append("</p>\n").append(pictures.latencies());
        table(
                page,
                "Operation",
                result.tally().doneByAction().entrySet().stream()
                        .map(
                                each ->
                                        List.of(
                                                ChaosResult.word(each.getKey()),
                                                each.getValue().toString()))
                        .toList());
        table(
                page,
                "Fault",
                result.faults().byPlace().entrySet().stream()
                        .map(each -> List.of(each.getKey(), each.getValue().toString()))
                        .toList());
        if (!result.isGood()) {
            offences(page, result);
        }
        page.append("<h2>All of it</h2>\n<pre>").append(Svg.escaped(result.text()));
        return page.append("</pre>\n</html>\n").toString();
    }

    private static void list(StringBuilder page, List<String> facts) {
        page.append("<ul>");
        facts.forEach(each -> page.append("<li>").append(Svg.escaped(each)).append("</li>"));
        page.append("</ul>\n");
    }

    private static String key() {
        StringBuilder key = new StringBuilder("<p>");
        for (Action action : Action.values()) {
            String word = ChaosResult.word(action);
            key.append("<svg class='key' viewBox='0 0 9 9'><rect class='")
                    .append(word)
                    .append("' width='9' height='9'/></svg>")
                    .append(word);
        }
        return key.append("</p>\n").toString();
    }

    private static void entry(StringBuilder page, String words, String colour) {
        page.append("<span class='key' style='background:").append(colour).append("'></span>");
        page.append(words);
    }

    private static void table(StringBuilder page, String title, List<List<String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        page.append("<h2>").append(title).append("s</h2>\n<table><tr><th>").append(title);
        page.append("</th><th>Count</th></tr>\n");
        for (List<String> row : rows) {
            page.append("<tr>");
            row.forEach(each -> page.append("<td>").append(Svg.escaped(each)).append("</td>"));
            page.append("</tr>\n");
        }
        page.append("</table>\n");
    }

    private static void offences(StringBuilder page, ChaosResult result) {
        page.append("<h2>What was wrong</h2>\n");
        list(page, result.problems());
        Path history = result.history();
        List<Violation> shown = result.verdict().violations();
        for (int i = 0; i < Math.min(OFFENCES_DRAWN, shown.size()); i++) {
            Violation each = shown.get(i);
            page.append("<h3>").append(each.kind()).append("</h3>\n<p>");
            page.append(Svg.escaped(each.text())).append("</p>\n");
            if (history != null) {
                page.append(Offence.picture(each, new HistoryFile(history)));
            }
        }
    }
}
