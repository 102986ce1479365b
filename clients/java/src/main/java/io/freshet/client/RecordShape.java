// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.client;

import io.freshet.protocol.json.JsonObject;
import io.freshet.protocol.json.JsonValue;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a record type is made of an object's members, and read into them.
///
/// Immutable; any thread.
final class RecordShape {
  private static final ClassValue<RecordShape> SHAPES =
      new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
          return new RecordShape(type);
        }
      };

  private final Class<?> type;
  private final Constructor<?> constructor;
  private final String[] names;
  private final Class<?>[] classes;
  private final Type[] types;
  private final Method[] accessors;

  static RecordShape of(Class<?> type) {
    return SHAPES.get(type);
  }

  private RecordShape(Class<?> type) {
    this.type = type;
    RecordComponent[] components = type.getRecordComponents();
    names = new String[components.length];
    classes = new Class<?>[components.length];
    types = new Type[components.length];
    accessors = new Method[components.length];
    for (int i = 0; i < components.length; i++) {
      names[i] = components[i].getName();
      classes[i] = components[i].getType();
      types[i] = components[i].getGenericType();
      accessors[i] = components[i].getAccessor();
    }
    try {
      constructor = type.getDeclaredConstructor(classes);
      constructor.setAccessible(true);
      for (Method each : accessors) {
        each.setAccessible(true);
      }
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("a record without its constructor", e);
    } catch (InaccessibleObjectException e) {
      throw FreshetClientException.invalid(
          "the package of " + type.getName() + " has to be opened to io.freshet.client", e);
    }
  }

  Object read(JsonObject object) {
    var values = new @Nullable Object[names.length];
    for (int i = 0; i < names.length; i++) {
      JsonValue member = object.get(names[i]);
      values[i] =
          member == null ? ValueReader.ofNothing(classes[i]) : ValueReader.read(member, types[i]);
    }
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw FreshetClientException.invalid(
          type.getSimpleName() + " does not accept what was received: " + e.getCause(), e);
    } catch (ReflectiveOperationException e) {
      throw FreshetClientException.invalid(type.getName() + " cannot be made", e);
    }
  }

  JsonObject write(Object value) {
    JsonObject object = JsonObject.empty();
    for (int i = 0; i < names.length; i++) {
      Object component;
      try {
        component = accessors[i].invoke(value);
      } catch (ReflectiveOperationException e) {
        throw FreshetClientException.invalid(type.getName() + " cannot be read", e);
      }
      if (component instanceof Optional<?> optional) {
        component = optional.orElse(null);
      }
      if (component != null) {
        object = object.with(names[i], ValueWriter.write(component));
      }
    }
    return object;
  }
}
