package io.chainring.node.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.base.text.Printable;
import java.util.UUID;

/** What the JSON files of a data directory have in common. Errors do not name the file: the caller does. */
final class JsonText {
    /** Longest reason in a message, in code points: what it quotes stands in the file. */
    static final int REASON_CODE_POINTS = 300;

    private JsonText() {}

    static JsonNode object(ObjectMapper mapper, String text) {
        JsonNode root;
        try {
            root = mapper.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is not JSON: " + oneLine(e), e);
        }
        if (root == null || !root.isObject()) {
            throw new IllegalArgumentException("it is not a JSON object");
        }
        return root;
    }

    static void checkFormat(JsonNode root, int known) {
        JsonNode format = root.get("format");
        if (format == null || !format.isInt() || format.intValue() != known) {
            throw new IllegalArgumentException(
                    "'format' is %s, this program knows %s (use the program that wrote it)"
                            .formatted(format == null ? "missing" : shown(format), known));
        }
    }

    static String text(JsonNode entry, String field) {
        JsonNode value = entry.get(field);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("'" + field + "' is not a text");
        }
        return value.textValue();
    }

    static UUID uuid(String text) {
        UUID uuid = UUID.fromString(text);
        if (!uuid.toString().equalsIgnoreCase(text)) {
            throw new IllegalArgumentException("'" + Printable.name(text) + "' is no UUID");
        }
        return uuid;
    }

    private static String shown(JsonNode value) {
        return value.isContainerNode() ? "a list or object" : Printable.name(value.toString());
    }

    private static String oneLine(JsonProcessingException e) {
        return Printable.cut(e.getOriginalMessage().replaceAll("\\s+", " "), REASON_CODE_POINTS)
                + (e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")");
    }
}
