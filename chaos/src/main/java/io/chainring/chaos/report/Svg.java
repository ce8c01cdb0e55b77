package io.chainring.chaos.report;

import java.util.Locale;

/** A picture that is being drawn: a frame, times along its lower edge, shapes with words on them for who points there. */
final class Svg {
    static final int WIDTH = 1000;
    static final int LEFT = 110;
    static final int RIGHT = 10;
    private static final int TOP = 10;
    private static final int BOTTOM = 26;
    private static final int TICKS = 8;

    private final StringBuilder text = new StringBuilder();
    private final int height;
    private final double fromNanos;
    private final double toNanos;

    /** @param height of the drawing in pixels, without the times below it */
    Svg(int height, double fromNanos, double toNanos) {
        this.height = height;
        this.fromNanos = fromNanos;
        this.toNanos = Math.max(fromNanos + 1, toNanos);
        add(
                "<svg viewBox='0 0 %d %d' role='img'><rect class='frame' x='%d' y='%d' width='%d' height='%d'/>",
                WIDTH, height + TOP + BOTTOM, LEFT, TOP, WIDTH - LEFT - RIGHT, height);
        for (int i = 0; i <= TICKS; i++) {
            double at = fromNanos + (this.toNanos - fromNanos) * i / TICKS;
            add(
                    "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>",
                    x(at), height + TOP + 18, time(at));
        }
    }

    private String time(double nanos) {
        return toNanos - fromNanos < 2e9
                ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    void add(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values));
    }

    double x(double nanos) {
        double share = (nanos - fromNanos) / (toNanos - fromNanos);
        return LEFT + Math.max(0, Math.min(1, share)) * (WIDTH - LEFT - RIGHT);
    }

    /** @param share 0 at the lower edge, 1 at the upper */
    double y(double share) {
        return TOP + (1 - Math.max(0, Math.min(1, share))) * height;
    }

    /** Words at the left of a height. */
    void label(double share, String words) {
        add(
                "<text x='%d' y='%.1f' text-anchor='end'>%s</text>",
                LEFT - 6, y(share) + 4, escaped(words));
    }

    /** A box with words for who points there. */
    void box(
            double from, double to, double lowShare, double highShare, String style, String words) {
        double left = x(from);
        add(
                "<rect class='%s' x='%.1f' y='%.1f' width='%.1f' height='%.1f'><title>%s</title></rect>",
                style,
                left,
                y(highShare),
                Math.max(1, x(to) - left),
                Math.max(0.5, y(lowShare) - y(highShare)),
                escaped(words));
    }

    String end() {
        return text.append("</svg>\n").toString();
    }

    static String escaped(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&quot;");
    }
}
