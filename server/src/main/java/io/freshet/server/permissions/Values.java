// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import io.freshet.protocol.json.JsonArray;
import io.freshet.protocol.json.JsonBoolean;
import io.freshet.protocol.json.JsonNull;
import io.freshet.protocol.json.JsonNumber;
import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonString;
import io.freshet.protocol.json.JsonValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.Undefined;

/// JSON as rules see it. Nothing is copied: a member is looked up when a rule asks for it. Numbers
/// become JavaScript's, so one with more than 15 digits is rounded. One thread.
final class Values {
  private static final int TEXT_DEPTH_MAX = 8;

  private final Budget budget;
  private final Map<String, Method> textMethods;
  private final Map<String, Method> listMethods;

  Values(Budget budget) {
    this.budget = budget;
    this.textMethods = TextMethods.all(this, budget);
    this.listMethods =
        Map.of("includes", new Method(this::includes), "indexOf", new Method(this::indexOf));
  }

  /// What text has for members, besides its length and characters.
  View textPrototype() {
    return new Members(textMethods);
  }

  // Null is what JavaScript's null is.
  @SuppressWarnings("NullAway")
  static Object none() {
    return nullValue();
  }

  @SuppressWarnings("NullAway")
  private static @Nullable Object nullValue() {
    return null;
  }

  Object of(@Nullable JsonValue value) {
    return switch (value) {
      case null -> Undefined.instance;
      case JsonNull _ -> none();
      case JsonBoolean flag -> flag == JsonBoolean.TRUE;
      case JsonNumber number -> number(number);
      case JsonString text -> text.value();
      case JsonObject object -> new ObjectView(object);
      case JsonArray array -> new ArrayView(array);
    };
  }

  /// Whether it is JavaScript's null or undefined.
  static boolean isNothing(@Nullable Object value) {
    return value == null || Undefined.isUndefined(value);
  }

  private static double number(JsonNumber number) {
    return number.isLong() ? number.longValue() : number.value().doubleValue();
  }

  /// A list that the rule itself has made, or a method.
  View list(List<?> elements) {
    return new ListView(elements);
  }

  /// Members that are there already.
  static View members(Map<String, ?> members) {
    return new Members(members);
  }

  private static final class Members extends View {
    private final Map<String, ?> members;

    Members(Map<String, ?> members) {
      this.members = members;
    }

    @Override
    Object member(String name) {
      if (!members.containsKey(name)) {
        return NOT_FOUND;
      }
      Object value = members.get(name);
      return value == null ? none() : value;
    }
  }

  private final class ObjectView extends View {
    private final JsonObject object;

    /// Objects and lists among the members that were asked for: `data.a === data.a`.
    private final Map<String, Object> seen = new HashMap<>(0);

    ObjectView(JsonObject object) {
      this.object = object;
    }

    @Override
    Object member(String name) {
      JsonValue value = object.get(name);
      if (value == null) {
        return NOT_FOUND;
      }
      return value.isContainer() ? seen.computeIfAbsent(name, _ -> of(value)) : of(value);
    }
  }

  /// A list, of the document or of the rule.
  private abstract class AnyList extends View {
    abstract int size();

    abstract Object element(int index);

    @Override
    public String getClassName() {
      return "Array";
    }

    @Override
    public Object get(int index, Scriptable start) {
      return index >= 0 && index < size() ? element(index) : NOT_FOUND;
    }

    @Override
    Object member(String name) {
      if (name.equals("length")) {
        return size();
      }
      Method method = listMethods.get(name);
      return method == null ? NOT_FOUND : method;
    }

    @Override
    public Object getDefaultValue(Class<?> hint) {
      return text(0);
    }

    private String text(int depth) {
      if (depth > TEXT_DEPTH_MAX) {
        throw new RuleException("makes a text of lists in lists");
      }
      var text = new StringBuilder();
      for (int i = 0; i < size(); i++) {
        Object element = element(i);
        int before = text.length();
        text.append(i == 0 ? "" : ",");
        if (element instanceof AnyList list) {
          text.append(list.text(depth + 1));
        } else if (!isNothing(element)) {
          text.append(ScriptRuntime.toString(element));
        }
        budget.make(1 + text.length() - before);
      }
      return text.toString();
    }
  }

  private final class ArrayView extends AnyList {
    private final JsonArray array;
    private final Map<Integer, Object> seen = new HashMap<>(0);

    ArrayView(JsonArray array) {
      this.array = array;
    }

    @Override
    int size() {
      return array.size();
    }

    @Override
    Object element(int index) {
      JsonValue value = array.get(index);
      return value.isContainer() ? seen.computeIfAbsent(index, _ -> of(value)) : of(value);
    }
  }

  private final class ListView extends AnyList {
    private final List<?> elements;

    ListView(List<?> elements) {
      this.elements = elements;
    }

    @Override
    int size() {
      return elements.size();
    }

    @Override
    Object element(int index) {
      Object element = elements.get(index);
      return element == null ? none() : element;
    }
  }

  private Object includes(Scriptable target, Object[] arguments) {
    return place(target, arguments, true) >= 0;
  }

  private Object indexOf(Scriptable target, Object[] arguments) {
    return place(target, arguments, false);
  }

  private int place(Scriptable target, Object[] arguments, boolean findsNotANumber) {
    if (!(target instanceof AnyList list)) {
      throw new RuleException("calls a method of lists on something else");
    }
    Object wanted = arguments.length > 0 ? arguments[0] : Undefined.instance;
    int size = list.size();
    int from = arguments.length > 1 ? start(ScriptRuntime.toInteger(arguments[1]), size) : 0;
    for (int i = from; i < size; i++) {
      budget.spend(1);
      Object element = list.element(i);
      if (ScriptRuntime.shallowEq(element, wanted)
          || findsNotANumber && isNotANumber(element) && isNotANumber(wanted)) {
        return i;
      }
    }
    return -1;
  }

  private static int start(double from, int size) {
    return (int) Math.clamp(from < 0 ? size + from : from, 0, size);
  }

  private static boolean isNotANumber(Object value) {
    return value instanceof Double number && number.isNaN();
  }
}
