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

  /// Those that take everything below their path too.
  private final Map<String, Route> byPrefix = new HashMap<>();

  /// What a path leads to.
  sealed interface Route {
    record ToDoor(Door door, DoorMeters meters) implements Route {}

    record ToJudged(JudgedDoor door, DoorMeters meters) implements Route {}

    /// What is called over HTTP.
    sealed interface ToCall extends Route {
      HttpRoute.Place place();

      @Nullable HttpAnswer refusal(HttpCall head);
    }

    record ToPage(HttpRoute page) implements ToCall {
      @Override
      public HttpRoute.Place place() {
        return page.place();
      }

      @Override
      public @Nullable HttpAnswer refusal(HttpCall head) {
        return page.refusal(head);
      }
    }

    record ToStream(StreamDoor door, DoorMeters meters) implements ToCall {
      @Override
      public HttpRoute.Place place() {
        return door.place();
      }

      @Override
      public @Nullable HttpAnswer refusal(HttpCall head) {
        return door.refusal(head);
      }
    }
  }

  Routes(
      List<? extends SocketDoor> doors,
      List<StreamDoor> streams,
      List<HttpRoute> pages,
      Metrics metrics) {
    for (SocketDoor door : doors) {
      DoorMeters meters = metrics.door(door.path());
      add(
          door.path(),
          switch (door) {
            case Door plain -> new Route.ToDoor(plain, meters);
            case JudgedDoor judged -> new Route.ToJudged(judged, meters);
          });
    }
    for (StreamDoor stream : streams) {
      add(new Route.ToStream(stream, metrics.door(stream.place().path())));
    }
    for (HttpRoute page : pages) {
      add(new Route.ToPage(page));
    }
  }

  private void add(Route.ToCall route) {
    HttpRoute.Place place = route.place();
    add(place.path(), route);
    if (place.below()) {
      byPrefix.put(place.path(), route);
    }
  }

  private void add(String path, Route route) {
    if (byPath.putIfAbsent(path, route) != null) {
      throw new IllegalArgumentException("two routes at " + path);
    }
  }

  /// The path in the target of a request.
  static String pathOf(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /// Whether what the target of a request leads to takes more headers than others do.
  boolean takesLongHeaders(String target) {
    return byPath.get(pathOf(target)) instanceof Route.ToJudged;
  }

  @Nullable Route at(String path) {
    Route route = byPath.get(path);
    for (int slash = path.lastIndexOf('/'); route == null && slash > 0; ) {
      route = byPrefix.get(path.substring(0, slash));
      slash = path.lastIndexOf('/', slash - 1);
    }
    return route;
  }
}
