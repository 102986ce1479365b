// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.identity;

import io.freshet.protocol.error.FreshetException;
import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads YAML, and so JSON, whose outermost value is a mapping. Stateless.
final class YamlText {
  private static final int CHARACTERS_MAX = 64 << 20;

  private YamlText() {}

  /// @param name for messages
  /// @throws IdentityException if it is not valid, or not a mapping
  static JsonObject parse(String name, String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(name)
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(0)
            .setCodePointLimit(CHARACTERS_MAX)
            .build();
    try {
      return switch (json(new Load(settings).loadFromString(text))) {
        case JsonObject object -> object;
        case JsonNull _ -> JsonObject.empty();
        case JsonValue _ -> throw new IdentityException(name + ": must be a mapping");
      };
    } catch (MarkedYamlEngineException e) {
      String line = e.getProblemMark().map(mark -> " line " + (mark.getLine() + 1)).orElse("");
      throw new IdentityException("%s%s: not valid: %s".formatted(name, line, e.getProblem()), e);
    } catch (YamlEngineException | FreshetException | NumberFormatException e) {
      throw new IdentityException("%s: not valid: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static JsonValue json(@Nullable Object value) {
    return switch (value) {
      case null -> JsonNull.NULL;
      case Map<?, ?> map -> object(map);
      case List<?> list -> array(list);
      case Boolean flag -> JsonBoolean.of(flag);
      // "Infinity" and its like are refused as no number.
      case Number number -> JsonNumber.of(new BigDecimal(number.toString()));
      case Object other -> JsonString.of(other.toString());
    };
  }

  private static JsonObject object(Map<?, ?> map) {
    JsonObject object = JsonObject.empty();
    for (Map.Entry<?, ?> member : map.entrySet()) {
      object = object.with(String.valueOf(member.getKey()), json(member.getValue()));
    }
    return object;
  }

  private static JsonArray array(List<?> list) {
    var elements = new ArrayList<JsonValue>();
    list.forEach(element -> elements.add(json(element)));
    return JsonArray.of(elements);
  }
}
