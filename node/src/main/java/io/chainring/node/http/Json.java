package io.chainring.node.http;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.chainring.base.text.Printable;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON and back: a text is a text, a number a number; nothing is taken for what it is not. What is not plain ASCII
 * is escaped, so that a document that quotes somebody can be shown on a terminal as it is.
 */
public final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            new JsonFactoryBuilder()
                                    .characterEscapes(new TerminalEscapes())
                                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                                    .build())
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .withCoercionConfig(
                            LogicalType.Textual,
                            texts -> {
                                texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                                texts.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                                texts.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
                            })
                    .build();
    private static final ObjectWriter WRITER = MAPPER.writer();
    private static final ObjectWriter BRIEF =
            MAPPER.copy().setSerializationInclusion(JsonInclude.Include.NON_NULL).writer();
    private static final ObjectReader STRICT = MAPPER.reader();
    private static final ObjectReader LENIENT =
            MAPPER.reader().without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private Json() {}

    /** JSON's own escapes, and DEL, which is ASCII and no character to see. */
    private static final class TerminalEscapes extends CharacterEscapes {
        private static final long serialVersionUID = 1L;

        private static final int DEL = 0x7F;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[DEL] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int character) {
            return null;
        }
    }

    /** A field that has to be there; without it, it may be left out, and is null, 0 or false then. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.FIELD, ElementType.PARAMETER})
    @JacksonAnnotationsInside
    @JsonProperty(required = true)
    @JsonSetter(nulls = Nulls.FAIL)
    public @interface Required {}

    /** A document as text. */
    public static String write(Object document) {
        return write(WRITER, document);
    }

    /** A request as text; what is null in it is left out. */
    public static String writeRequest(Object request) {
        return write(BRIEF, request);
    }

    private static String write(ObjectWriter writer, Object document) {
        try {
            return writer.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON: " + document, e);
        }
    }

    /**
     * An answer's document. Fields that this program does not know are passed over: the other side may be newer.
     *
     * @throws JsonProcessingException it is no such document
     */
    public static <T> T readAnswer(String text, Class<T> type) throws JsonProcessingException {
        return LENIENT.forType(type).readValue(text);
    }

    /**
     * A request's document.
     *
     * @throws BadRequestException one line that names the field
     */
    public static <T> T readRequest(String text, Class<T> type) throws BadRequestException {
        try {
            return STRICT.forType(type).readValue(text);
        } catch (JsonMappingException e) {
            throw new BadRequestException(problem(e), e);
        } catch (JsonProcessingException e) {
            throw new BadRequestException("the body is not JSON", e);
        }
    }

    private static String problem(JsonMappingException e) {
        if (e.getCause() instanceof JsonParseException) {
            return "the body is not JSON";
        }
        if (e.getPath().isEmpty()) {
            return "the body is not a JSON object";
        }
        String field = "'" + Printable.name(e.getPath().get(0).getFieldName()) + "' ";
        if (e instanceof UnrecognizedPropertyException) {
            return field + "is no field of this request";
        }
        Class<?> wanted =
                e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        if (wanted == String.class) {
            return field + "is missing or not a text";
        }
        return field + (wanted == boolean.class ? "is not true or false" : "is not a whole number");
    }
}
