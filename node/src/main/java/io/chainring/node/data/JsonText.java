package io.chainring.node.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What the JSON files of a data directory have in common. Errors do not name the file: the caller does. */
final class JsonText {
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
                    "'format' is "
                            + (format == null ? "missing" : format)
                            + ", this program knows "
                            + known
                            + " (use the program that wrote it)");
        }
    }

    private static String oneLine(JsonProcessingException e) {
        return e.getOriginalMessage().replaceAll("\\s+", " ")
                + (e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")");
    }
}
