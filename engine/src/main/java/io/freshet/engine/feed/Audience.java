// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.engine.feed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The sessions that watch one document or subscribe to one name. Most have one or none, so a
/// single session is kept without a collection.
///
/// Threading: the engine's thread only.
public final class Audience implements SessionGroup {
  private @Nullable Session single;
  private @Nullable Set<Session> many;
  private @Nullable List<OutletCount> outlets;

  private static final class OutletCount {
    private final Outlet outlet;
    private int sessions;

    OutletCount(Outlet outlet) {
      this.outlet = outlet;
    }
  }

  @Override
  public boolean isEmpty() {
    return single == null && many == null;
  }

  /// Whether this session is in it and nobody else.
  public boolean isOnly(@Nullable Session session) {
    return single != null && session != null && same(single, session);
  }

  @Override
  public boolean add(Session session) {
    if (many != null) {
      return many.add(session) && count(session.outlet());
    }
    if (single == null) {
      single = session;
      return true;
    }
    if (same(single, session)) {
      return false;
    }
    many = Collections.newSetFromMap(new IdentityHashMap<>(8));
    outlets = new ArrayList<>(2);
    many.add(single);
    count(single.outlet());
    single = null;
    many.add(session);
    return count(session.outlet());
  }

  @Override
  public boolean remove(Session session) {
    if (single != null) {
      boolean found = same(single, session);
      single = found ? null : single;
      return found;
    }
    if (many == null || !many.remove(session)) {
      return false;
    }
    uncount(session.outlet());
    if (many.isEmpty()) {
      clear();
    }
    return true;
  }

  public void clear() {
    single = null;
    many = null;
    outlets = null;
  }

  /// Calls back once per outlet that has sessions in it.
  public void forEachOutlet(Consumer<Outlet> action) {
    if (single != null) {
      action.accept(single.outlet());
    } else if (outlets != null) {
      for (OutletCount each : outlets) {
        action.accept(each.outlet);
      }
    }
  }

  public boolean has(Session session) {
    return isOnly(session) || many != null && many.contains(session);
  }

  /// Who is in it now.
  public List<Session> sessions() {
    if (single != null) {
      return List.of(single);
    }
    return many == null ? List.of() : new ArrayList<>(many);
  }

  private boolean count(Outlet outlet) {
    if (outlets != null) {
      for (OutletCount each : outlets) {
        if (same(each.outlet, outlet)) {
          each.sessions++;
          return true;
        }
      }
      var added = new OutletCount(outlet);
      added.sessions = 1;
      outlets.add(added);
    }
    return true;
  }

  private void uncount(Outlet outlet) {
    if (outlets != null) {
      outlets.removeIf(each -> same(each.outlet, outlet) && --each.sessions == 0);
    }
  }

  /// Sessions and outlets are identities, not values.
  @SuppressWarnings("ReferenceEquality")
  private static boolean same(Object one, Object other) {
    return one == other;
  }
}
