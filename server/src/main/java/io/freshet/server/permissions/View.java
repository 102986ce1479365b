// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.permissions;

import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Scriptable;

/// Something that rules can look at and nobody can change. It has no prototype, and so nothing but
/// its own members; there is no way from it to anything else.
abstract class View implements Scriptable {

  @Override
  public String getClassName() {
    return "Object";
  }

  /// The member, or [Scriptable#NOT_FOUND].
  abstract Object member(String name);

  @Override
  public Object get(String name, Scriptable start) {
    return member(name);
  }

  @Override
  public Object get(int index, Scriptable start) {
    return member(Integer.toString(index));
  }

  @Override
  public boolean has(String name, Scriptable start) {
    return !NOT_FOUND.equals(member(name));
  }

  @Override
  public boolean has(int index, Scriptable start) {
    return !NOT_FOUND.equals(get(index, start));
  }

  @Override
  public void put(String name, Scriptable start, Object value) {
    throw new UnsupportedOperationException("rules change nothing");
  }

  @Override
  public void put(int index, Scriptable start, Object value) {
    throw new UnsupportedOperationException("rules change nothing");
  }

  @Override
  public void delete(String name) {
    throw new UnsupportedOperationException("rules change nothing");
  }

  @Override
  public void delete(int index) {
    throw new UnsupportedOperationException("rules change nothing");
  }

  // Scopes and objects without a prototype or a parent are what Rhino knows null for.
  @SuppressWarnings("NullAway")
  @Override
  public Scriptable getPrototype() {
    return nothing();
  }

  @Override
  public void setPrototype(Scriptable prototype) {}

  @SuppressWarnings("NullAway")
  @Override
  public Scriptable getParentScope() {
    return nothing();
  }

  @SuppressWarnings("NullAway")
  private static @Nullable Scriptable nothing() {
    return null;
  }

  @Override
  public void setParentScope(Scriptable parent) {}

  @Override
  public Object[] getIds() {
    return new Object[0];
  }

  /// What it is when a text or a number is needed.
  @Override
  public Object getDefaultValue(Class<?> hint) {
    return "[object Object]";
  }

  @Override
  public boolean hasInstance(Scriptable instance) {
    return false;
  }
}
