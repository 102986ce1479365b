// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

package io.freshet.server.net;

import io.freshet.server.metrics.DoorMeters;
import io.freshet.server.metrics.Metrics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What stands at which path. Immutable; any thread.
final class Routes {
  private final Map<String, Route> byPath = new HashMap<>();

  /// What a path leads to.
  sealed interface Route {
    record ToDoor(Door door, DoorMeters meters) implements Route {}

    record ToPage(HttpRoute page) implements Route {}
  }

  Routes(List<Door> doors, List<HttpRoute> pages, Metrics metrics) {
    for (Door door : doors) {
      add(door.path(), new Route.ToDoor(door, metrics.door(door.path())));
    }
    for (HttpRoute page : pages) {
      add(page.path(), new Route.ToPage(page));
    }
  }

  private void add(String path, Route route) {
    if (byPath.putIfAbsent(path, route) != null) {
      throw new IllegalArgumentException("two routes at " + path);
    }
  }

  @Nullable Route at(String path) {
    return byPath.get(path);
  }
}
