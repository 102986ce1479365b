// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.protocol.json;

import io.freshet.protocol.error.ErrorCode;
import io.freshet.protocol.error.FreshetException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/// Strict reading: one value, RFC 8259, valid UTF-8, no duplicate keys, within limits. Builds the
/// tree bottom-up with a recursion no deeper than the depth limit.
final class JsonReader {
  /// Our own limits are checked while reading; these only keep the tokenizer from buffering more.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(10_000)
                  .maxNumberLength(1_200)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private static final int KEY_BYTES_MAX = 1024;

  /// Up to here duplicates are found by comparing; above, with a set.
  private static final int COMPARE_MAX = 12;

  private final JsonParser parser;
  private final JsonLimits limits;
  private int members;

  private JsonReader(JsonParser parser, JsonLimits limits) {
    this.parser = parser;
    this.limits = limits;
  }

  static JsonValue read(byte[] utf8, int offset, int length, JsonLimits limits) {
    if (length > limits.bytesMax()) {
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "The JSON is " + length + " bytes; the limit is " + limits.bytesMax());
    }
    Utf8.requireText(utf8, offset, length);
    try (JsonParser parser =
        FACTORY.createParser(ObjectReadContext.empty(), utf8, offset, length)) {
      var reader = new JsonReader(parser, limits);
      JsonValue value = reader.value(parser.nextToken(), 0);
      if (parser.nextToken() != null) {
        throw invalid("there is text after the value");
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw new FreshetException(
          ErrorCode.NUMBER_OUT_OF_RANGE, "A number in the JSON has too many digits");
    } catch (UnexpectedEndOfInputException e) {
      throw invalid("it ends too early");
    } catch (JacksonException e) {
      throw invalid(String.valueOf(e.getOriginalMessage()));
    }
  }

  private static FreshetException invalid(String why) {
    return new FreshetException(ErrorCode.INVALID_JSON, "Not valid JSON: " + why);
  }

  private JsonValue value(@Nullable JsonToken token, int depth) {
    if (token == null) {
      throw invalid("it ends too early");
    }
    return switch (token) {
      case START_OBJECT -> object(depth + 1);
      case START_ARRAY -> array(depth + 1);
      case VALUE_STRING -> JsonString.of(parser.getString());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> JsonNumber.parse(parser.getString());
      case VALUE_TRUE -> JsonBoolean.TRUE;
      case VALUE_FALSE -> JsonBoolean.FALSE;
      case VALUE_NULL -> JsonNull.NULL;
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw invalid("unexpected " + token);
    };
  }

  private JsonArray array(int depth) {
    requireDepth(depth);
    var elements = new ArrayList<JsonValue>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      countMember();
      elements.add(value(token, depth));
    }
    return JsonArray.of(elements);
  }

  private JsonObject object(int depth) {
    requireDepth(depth);
    var keys = new ArrayList<String>();
    var values = new ArrayList<JsonValue>();
    Set<String> seen = null;
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      countMember();
      if (keys.size() == COMPARE_MAX) {
        seen = new HashSet<>(keys);
      }
      if (seen == null ? keys.contains(key) : !seen.add(key)) {
        throw invalid("the key \"" + abbreviated(key) + "\" stands twice in one object");
      }
      requireKey(key);
      keys.add(key);
      values.add(value(parser.nextToken(), depth));
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      throw invalid("an object ends too early");
    }
    return built(keys, values);
  }

  private static JsonObject built(List<String> keys, List<JsonValue> values) {
    if (keys.isEmpty()) {
      return JsonObject.empty();
    }
    SmallObject flat =
        SmallObject.own(keys.toArray(new String[0]), values.toArray(new JsonValue[0]));
    return keys.size() <= JsonObject.SMALL_MAX ? flat : LargeObject.of(flat);
  }

  private void requireDepth(int depth) {
    if (depth > limits.depthMax()) {
      throw new FreshetException(
          ErrorCode.TOO_DEEP, "The JSON is nested deeper than " + limits.depthMax() + " levels");
    }
  }

  private void countMember() {
    if (++members > limits.membersMax()) {
      throw new FreshetException(
          ErrorCode.DOCUMENT_TOO_LARGE,
          "The JSON has more than " + limits.membersMax() + " members");
    }
  }

  private static void requireKey(String key) {
    if (key.equals("__proto__")) {
      throw new FreshetException(
          ErrorCode.FORBIDDEN_KEY, "The key \"__proto__\" is not allowed; rename it");
    }
    if (key.length() > KEY_BYTES_MAX / 3 && JsonText.encodedBytes(key) - 2 > KEY_BYTES_MAX) {
      throw new FreshetException(
          ErrorCode.INVALID_ARGUMENT, "A key is longer than " + KEY_BYTES_MAX + " bytes");
    }
  }

  private static String abbreviated(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
